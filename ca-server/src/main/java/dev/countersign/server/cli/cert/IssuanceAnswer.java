package dev.countersign.server.cli.cert;

import dev.countersign.runtime.AtomicFiles;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.server.x509.KeyAndRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
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
                    AtomicFiles.writeSecret(folder.resolve("key.pem"), made.get().privateKeyPem());
                }
                AtomicFiles.write(folder.resolve("svid.pem"), pem(chain));
                AtomicFiles.write(folder.resolve("bundle.pem"), pem(roots));
            } catch (IOException unwritable) {
                throw new CommandFailed(
                        "cannot write to " + folder + ": " + unwritable, unwritable);
            }
        }

        private static byte[] pem(List<X509Certificate> certificates) {
            Base64.Encoder mime = Base64.getMimeEncoder(64, new byte[] {'\n'});
            StringBuilder pem = new StringBuilder();
            for (X509Certificate certificate : certificates) {
                pem.append("-----BEGIN CERTIFICATE-----\n")
                        .append(mime.encodeToString(encoded(certificate)))
                        .append("\n-----END CERTIFICATE-----\n");
            }
            return pem.toString().getBytes(StandardCharsets.US_ASCII);
        }

        private static byte[] encoded(X509Certificate certificate) {
            try {
                return certificate.getEncoded();
            } catch (CertificateEncodingException impossible) {
                throw new IllegalStateException(impossible); // it was decoded from these bytes
            }
        }
    }

    /** Nothing was issued. */
    record Refused(String reason, String message, String status, long retryAfterMillis)
            implements IssuanceAnswer {}
}
