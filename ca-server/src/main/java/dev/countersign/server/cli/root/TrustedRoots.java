package dev.countersign.server.cli.root;

import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.TrustRefused;
import dev.countersign.wire.BootstrapFile;
import dev.countersign.wire.v1.GetBootstrapRequest;

/** What the server says that agents are to believe, read as an agent reads it. */
final class TrustedRoots {
    private TrustedRoots() {}

    static Bootstrap ask(AdminConnection admin) {
        String file =
                admin.call(stub -> stub.getBootstrap(GetBootstrapRequest.getDefaultInstance()))
                        .getFile();
        try {
            return BootstrapFile.parse(file);
        } catch (TrustRefused refused) {
            throw new CommandFailed("the server's answer is malformed: " + refused, refused);
        }
    }
}
