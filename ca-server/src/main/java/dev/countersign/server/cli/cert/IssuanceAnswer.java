package dev.countersign.server.cli.cert;

import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.cli.Certificates;
import dev.countersign.server.cli.ClientIdentity;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.x509.KeyAndRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a server said to a request. */
sealed interface IssuanceAnswer {
    /** A certificate, verified as agents do. */
    record Issued(
            String spiffeId,
            List<X509Certificate> chain,
            List<X509Certificate> roots,
            long bundleEpoch,
            Instant refreshNotBefore,
            Instant refreshNotAfter)
            implements IssuanceAnswer {
        X509Certificate leaf() {
            return chain.getFirst();
        }

        /** Writes the key first: a certificate without its key is of no use, the other way round is. */
        void write(Path folder, Optional<KeyAndRequest> made) {
            try {
                Files.createDirectories(folder);
                if (made.isPresent()) {
                    AtomicFiles.writeSecret(
                            folder.resolve(ClientIdentity.KEY), made.get().privateKeyPem());
                }
                AtomicFiles.write(
                        folder.resolve(ClientIdentity.CERTIFICATE), Certificates.pem(chain));
                AtomicFiles.write(folder.resolve("bundle.pem"), Certificates.pem(roots));
            } catch (IOException unwritable) {
                throw new CommandFailed(
                        "cannot write to " + folder + ": " + unwritable, unwritable);
            }
        }
    }

    /** Nothing was issued. */
    record Refused(String reason, String message, String status, long retryAfterMillis)
            implements IssuanceAnswer {}
}
