package dev.countersign.server.servingcert;

import dev.countersign.server.issuance.ReservedNameRefused;
import dev.countersign.server.issuance.ReservedNameRefused.Reason;

/** The server's own certificate was not made; the one before stays in use. */
public final class ServingRefused extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    ServingRefused(ReservedNameRefused refused) {
        super(refused.getMessage(), refused);
        this.reason = refused.reason();
    }

    public Reason reason() {
        return reason;
    }
}
