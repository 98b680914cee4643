package dev.countersign.server.store;

import dev.countersign.server.audit.IssuanceLedger.Outcome;
import java.sql.SQLException;

/** Outcomes as the certificates table has them. */
final class Outcomes {
    private Outcomes() {}

    static int code(Outcome outcome) {
        return switch (outcome) {
            case INTENDED -> 0;
            case ISSUED -> 1;
            case FAILED -> 2;
            case UNKNOWN -> 3;
        };
    }

    static Outcome of(int code) throws SQLException {
        return switch (code) {
            case 0 -> Outcome.INTENDED;
            case 1 -> Outcome.ISSUED;
            case 2 -> Outcome.FAILED;
            case 3 -> Outcome.UNKNOWN;
            default -> throw new SQLException("outcome: " + code + " (expected: 0 to 3)");
        };
    }
}
