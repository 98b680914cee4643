package dev.countersign.identity;

import java.util.Optional;

/**
 * SPIFFE IDs of Countersign itself. Their paths start with {@code /countersign/}, which no service
 * account can obtain: those live under {@code /ns/}.
 */
public final class WellKnownIds {
    private static final String CA_SERVER = "/countersign/ca-server";
    private static final String WEBHOOK = "/countersign/webhook";
    private static final String OPERATOR = "/countersign/operator/";

    private WellKnownIds() {}

    /** The only ID that agents and the CLI accept of a server. */
    public static SpiffeId caServer(TrustDomain trustDomain) {
        return new SpiffeId(trustDomain, CA_SERVER);
    }

    /** Of the certificate that the Kubernetes API server is shown; agents never accept it. */
    public static SpiffeId webhook(TrustDomain trustDomain) {
        return new SpiffeId(trustDomain, WEBHOOK);
    }

    public static SpiffeId operator(TrustDomain trustDomain, String name) {
        return new SpiffeId(trustDomain, OPERATOR + name);
    }

    /** The operator's name; empty when the ID is not an operator's. */
    public static Optional<String> operatorName(SpiffeId id) {
        boolean operator =
                id.path().startsWith(OPERATOR) && id.path().indexOf('/', OPERATOR.length()) < 0;
        return operator ? Optional.of(id.path().substring(OPERATOR.length())) : Optional.empty();
    }
}
