package dev.countersign.server.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What holds of every attestor, whatever evidence it reads. */
public abstract class AttestorContract {
    /** The attestor under test. */
    protected abstract Attestor attestor();

    /** Evidence it believes. */
    protected abstract BearerToken believed();

    /** Evidence it does not believe, of several kinds; none empty. */
    protected abstract List<BearerToken> notBelieved();

    @Test
    void believedEvidenceGivesCompleteClaims() throws AttestationRefused {
        WorkloadClaims claims = attestor().attest(evidence(believed()));

        assertThat(claims.attestor()).isEqualTo(attestor().name());
        assertThat(claims.accountUid()).isNotEmpty();
        assertThat(claims.podName()).isNotEmpty();
        assertThat(claims.podUid()).isNotEmpty();
        assertThat(claims.tokenFingerprint()).isEqualTo(believed().fingerprint());
    }

    @Test
    void theSameEvidenceGivesTheSameClaims() throws AttestationRefused {
        Evidence evidence = evidence(believed());

        assertThat(attestor().attest(evidence)).isEqualTo(attestor().attest(evidence));
    }

    @Test
    void nothingIsBelievedWithoutEvidence() {
        AttestationRefused refused =
                catchThrowableOfType(
                        AttestationRefused.class,
                        () -> attestor().attest(evidence(new BearerToken(""))));

        assertThat(refused.reason()).isEqualTo(AttestationRefused.Reason.TOKEN_MISSING);
    }

    @Test
    void refusalsNeverRepeatTheToken() {
        for (BearerToken token : notBelieved()) {
            AttestationRefused refused =
                    catchThrowableOfType(
                            AttestationRefused.class, () -> attestor().attest(evidence(token)));

            assertThat(refused).isNotNull();
            for (String part : token.reveal().split("\\.", -1)) {
                if (part.length() > 8) {
                    assertThat(refused.getMessage()).doesNotContain(part);
                }
            }
        }
    }

    @Test
    void refusalsFitALogLine() {
        for (BearerToken token : notBelieved()) {
            AttestationRefused refused =
                    catchThrowableOfType(
                            AttestationRefused.class, () -> attestor().attest(evidence(token)));

            assertThat(refused.getMessage())
                    .hasSizeLessThan(600)
                    .doesNotContainPattern("\\p{Cntrl}");
        }
    }

    protected static Evidence evidence(BearerToken token) {
        return new Evidence(token, Optional.empty(), InetAddress.getLoopbackAddress());
    }
}
