package dev.countersign.server.cli.operator;

import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.cli.Certificates;
import dev.countersign.server.cli.ClientIdentity;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.cli.OperatorIdentity;
import dev.countersign.server.x509.KeyAndRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** What {@code --operator DIR} reads: a folder of mode 0700 when it is made here, files of 0600. */
record OperatorFolder(Path path) {
    /**
     * Writes the key first: a certificate without its key is of no use, the other way round is.
     *
     * @param made the key, unless the request came from somebody who keeps it
     */
    void write(Optional<KeyAndRequest> made, List<X509Certificate> chain, String bootstrap) {
        try {
            AtomicFiles.createPrivateDirectory(path);
            if (made.isPresent()) {
                AtomicFiles.writeSecret(
                        path.resolve(ClientIdentity.KEY), made.get().privateKeyPem());
            }
            AtomicFiles.writeSecret(
                    path.resolve(ClientIdentity.CERTIFICATE), Certificates.pem(chain));
            AtomicFiles.writeSecret(
                    path.resolve(OperatorIdentity.BOOTSTRAP),
                    bootstrap.getBytes(StandardCharsets.UTF_8));
        } catch (IOException unwritable) {
            throw new CommandFailed("cannot write to " + path + ": " + unwritable, unwritable);
        }
    }
}
