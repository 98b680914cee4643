package dev.countersign.server.issuance;

import dev.countersign.server.operators.Role;
import java.time.Duration;
import java.util.Optional;

/**
 * What the admin socket asks for. The request's bytes are as received, owned by this value.
 *
 * @param name whose certificate
 * @param role that it is meant to have; empty = the one that the configuration gives the name
 * @param life wanted
 * @param csr PKCS#10, DER
 */
public record OperatorCommand(String name, Optional<Role> role, Duration life, byte[] csr) {}
