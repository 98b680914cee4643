package dev.countersign.deploy.bench;

import com.google.protobuf.ByteString;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.attestation.localissuer.IssuerKeyFile;
import dev.countersign.server.attestation.localissuer.LocalIssuer;
import dev.countersign.server.attestation.localissuer.TokenRequest;
import dev.countersign.server.x509.KeyAndRequest;
import dev.countersign.wire.v1.IssueCertificateRequest;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The requests of {@code deploy/bench/issuance}, made beforehand:
 * each from a pod of its own, with a token (RS256) and a key of its own, as pods come. A file of
 * length-delimited messages, so that every store is asked the same.
 */
final class IssuanceRequests implements AutoCloseable {
    private static final int ACCOUNTS = 64;
    private static final int CHUNK = 2_000;

    private final InputStream in;

    IssuanceRequests(Path file) throws IOException {
        in = new BufferedInputStream(Files.newInputStream(file), 1 << 20);
    }

    /** Makes them on all cores. */
    static void make(Path file, Path issuerKey, int count) throws Exception {
        LocalIssuer issuer = new IssuerKeyFile(issuerKey).open(InstantSource.system());
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            for (int from = 0; from < count; from += CHUNK) {
                int to = Math.min(count, from + CHUNK);
                List<IssueCertificateRequest> chunk =
                        IntStream.range(from, to)
                                .parallel()
                                .mapToObj(pod -> request(issuer, pod))
                                .toList();
                for (IssueCertificateRequest request : chunk) {
                    request.writeDelimitedTo(out);
                }
            }
        }
    }

    /**
     * The next ones.
     *
     * @throws IOException also when there are not so many left
     */
    List<IssueCertificateRequest> next(int count) throws IOException {
        List<IssueCertificateRequest> requests = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            IssueCertificateRequest request = IssueCertificateRequest.parseDelimitedFrom(in);
            if (request == null) {
                throw new IOException("requests: too few (expected: " + (count - i) + " more)");
            }
            requests.add(request);
        }
        return requests;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private static IssueCertificateRequest request(LocalIssuer issuer, int pod) {
        ServiceAccountName account = new ServiceAccountName("bench", "account-" + pod % ACCOUNTS);
        return IssueCertificateRequest.newBuilder()
                .setProtocolVersion(1)
                .setToken(issuer.mint(TokenRequest.of(account, "pod-" + pod)).reveal())
                .setCsr(ByteString.copyFrom(KeyAndRequest.make().request()))
                .build();
    }
}
