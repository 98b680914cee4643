package dev.countersign.server.issuance;

import dev.countersign.server.operators.OperatorGrant;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * An operator's certificate.
 *
 * @param grant for whom, with which role
 * @param chain leaf first, no root
 */
public record IssuedOperator(OperatorGrant grant, List<X509Certificate> chain) {
    public IssuedOperator {
        chain = List.copyOf(chain);
    }
}
