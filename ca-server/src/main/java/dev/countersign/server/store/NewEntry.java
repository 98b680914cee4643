package dev.countersign.server.store;

import dev.countersign.server.audit.AuditTrail.KeyRule;
import dev.countersign.server.audit.EntryBody;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import java.util.HexFormat;

/** An entry on its way into the log; body and hash are made by the caller's thread. */
sealed interface NewEntry {
    /** Name of the chain it will belong to. */
    String chain();

    EntryBody body();

    /** A certificate about to be signed; with the bytes of its serial and of its key's hash. */
    record Intent(
            IssuanceIntent intent, EntryBody body, byte[] serial, byte[] keyHash, KeyRule rule)
            implements NewEntry {
        /**
         * Reads the hex here, in the caller's thread, so that bad hex is the caller's alone.
         *
         * @throws IllegalArgumentException when serial or key hash is not hex
         */
        static Intent of(IssuanceIntent intent, KeyRule rule) {
            return new Intent(
                    intent,
                    EntryBody.of(intent),
                    Serials.bytes(intent.serial()),
                    HexFormat.of().parseHex(intent.publicKeyHash()),
                    rule);
        }

        @Override
        public String chain() {
            return intent.issuerKeyId();
        }
    }

    /** What became of an intent that was committed before. */
    record Conclusion(IssuanceIntent intent, Outcome outcome, EntryBody body) implements NewEntry {
        @Override
        public String chain() {
            return intent.issuerKeyId();
        }
    }

    /** Anything else. */
    record Event(String chain, EntryBody body) implements NewEntry {}
}
