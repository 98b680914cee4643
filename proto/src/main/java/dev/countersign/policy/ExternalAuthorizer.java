package dev.countersign.policy;

import java.util.Objects;

/**
 * A configured provider of CUSTOM decisions.
 *
 * @param name how policies refer to it
 * @param type the protocol it speaks; an HTTP one cannot be asked about TCP connections
 */
public record ExternalAuthorizer(String name, Type type) {

    public ExternalAuthorizer {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
    }

    /** The protocol of a provider. */
    public enum Type {
        HTTP,
        GRPC
    }
}
