package dev.countersign.server;

import dev.countersign.runtime.AtomicFiles;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.TrustBundle;
import dev.countersign.wire.BootstrapFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** Keeps the bootstrap file of agents in step with the bundle. */
final class BootstrapWriter {
    private BootstrapWriter() {}

    static void write(Optional<Path> file, TrustBundle bundle) throws IOException {
        if (file.isPresent()) {
            AtomicFiles.write(file.get(), text(bundle).getBytes(StandardCharsets.UTF_8));
        }
    }

    static String text(TrustBundle bundle) {
        return BootstrapFile.render(Bootstrap.from(bundle));
    }
}
