package dev.countersign.server.admission.injection;

import java.util.Optional;

/**
 * What a namespace says.
 *
 * @param name empty when not known
 * @param wanted its label {@code countersign.dev/inject}; empty when it has none
 */
public record NamespaceFacts(String name, Optional<Boolean> wanted) {}
