package dev.countersign.policy.reference;

import dev.countersign.policy.Request;
import org.jspecify.annotations.Nullable;

/** A text that a request may have. */
sealed interface Attribute {

    /** The text, or null where the request has none. */
    @Nullable String of(Request request);

    /** Attributes without a parameter. */
    enum Plain implements Attribute {
        PRINCIPAL,
        SNI,
        METHOD,
        HOST,
        PATH;

        @Override
        public @Nullable String of(Request request) {
            return switch (this) {
                case PRINCIPAL -> request.sourcePrincipal();
                case SNI -> request.sni();
                case METHOD -> request.method();
                case HOST -> request.host();
                case PATH -> request.path();
            };
        }
    }

    /**
     * A request header.
     *
     * @param name in lower case
     */
    record Header(String name) implements Attribute {
        @Override
        public @Nullable String of(Request request) {
            return request.header(name);
        }
    }
}
