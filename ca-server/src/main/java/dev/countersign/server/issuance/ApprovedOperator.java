package dev.countersign.server.issuance;

import dev.countersign.server.operators.OperatorGrant;
import dev.countersign.server.x509.CertificateRequest;

/** An operator's certificate may be issued, for this key. Made only by {@link IssuanceRules}. */
record ApprovedOperator(OperatorGrant grant, CertificateRequest request) {}
