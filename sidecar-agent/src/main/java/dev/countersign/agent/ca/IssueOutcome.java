package dev.countersign.agent.ca;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a request for a certificate came to. */
public sealed interface IssueOutcome {
    /**
     * A certificate, not yet verified.
     *
     * @param chain leaf first
     * @param refresh when the server wants it renewed
     */
    record Issued(List<X509Certificate> chain, RefreshWindow refresh) implements IssueOutcome {
        public Issued {
            chain = List.copyOf(chain);
        }
    }

    /**
     * The server was reached, was believed, and said no.
     *
     * @param reason the stable code, for instance TOKEN_EXPIRED
     * @param message value and expectation, as the server wrote it
     * @param retryAfter when the server wants to be asked again
     */
    record Refused(String reason, String message, Optional<Duration> retryAfter)
            implements IssueOutcome {}

    /**
     * Nobody who may be believed was reached, or what is needed to ask is missing.
     *
     * @param waitingFor what has to change, for a person: "the CA at 10.0.0.1:9443: connection
     *     refused"
     */
    record Unavailable(String waitingFor) implements IssueOutcome {}
}
