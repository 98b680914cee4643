package dev.countersign.agent.testing;

import dev.countersign.agent.ca.CaClient;
import dev.countersign.agent.ca.ClientIdentity;
import dev.countersign.agent.ca.IssueOutcome;
import dev.countersign.agent.ca.RefreshWindow;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.testing.TestCertificateBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** Issues what is asked for, unless told to be away or to do wrong. */
public final class TestIssuer implements CaClient {
    private final InstantSource clock;
    private final List<Optional<ClientIdentity>> credentials = new ArrayList<>();
    private volatile TestAuthority authority;
    private volatile Duration life = Duration.ofHours(1);
    private volatile Optional<IssueOutcome> instead = Optional.empty();
    private volatile UnaryOperator<TestCertificateBuilder> change = UnaryOperator.identity();

    public TestIssuer(TestAuthority authority, InstantSource clock) {
        this.authority = authority;
        this.clock = clock;
    }

    @Override
    public synchronized IssueOutcome issue(byte[] csr, Optional<ClientIdentity> current) {
        credentials.add(current);
        if (instead.isPresent()) {
            return instead.get();
        }
        TestCertificate leaf = leaf(csr, "/ns/shop/sa/web");
        Instant now = clock.instant();
        return new IssueOutcome.Issued(
                leaf.chain(),
                new RefreshWindow(
                        now.plus(life.multipliedBy(50).dividedBy(100)),
                        now.plus(life.multipliedBy(80).dividedBy(100))));
    }

    /** The leaf for a request, whoever asks. */
    public TestCertificate leaf(byte[] csr, String path) {
        KeyPair requested = new KeyPair(publicKey(csr), authority.root().key());
        return change.apply(authority.leaf(path).life(life).keyPair(requested)).build();
    }

    public void goAway() {
        instead = Optional.of(new IssueOutcome.Unavailable("the CA at test:1: gone"));
    }

    public void refuse(String reason, Duration retryAfter) {
        instead = Optional.of(new IssueOutcome.Refused(reason, "told to", Optional.of(retryAfter)));
    }

    public void comeBack() {
        instead = Optional.empty();
    }

    public void issueFrom(TestAuthority other) {
        authority = other;
    }

    public void life(Duration next) {
        life = next;
    }

    /** Every certificate from now on is made differently. */
    public void change(UnaryOperator<TestCertificateBuilder> how) {
        change = how;
    }

    public synchronized int asked() {
        return credentials.size();
    }

    /** What the last request authenticated with. */
    public synchronized Optional<ClientIdentity> lastCredentials() {
        return credentials.getLast();
    }

    private static PublicKey publicKey(byte[] csr) {
        try {
            return new JcaPKCS10CertificationRequest(csr).getPublicKey();
        } catch (PEMException e) {
            throw new UncheckedIOException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
