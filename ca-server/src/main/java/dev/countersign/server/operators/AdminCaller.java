package dev.countersign.server.operators;

import dev.countersign.identity.SpiffeId;
import java.util.Optional;
import java.util.stream.Collectors;

/** Who asks the admin service. */
public sealed interface AdminCaller {
    /** Came by the admin socket: the server's own user, or root. */
    record LocalAdmin() implements AdminCaller {}

    /** Holds an operator's certificate, and its name has a role. */
    record Operator(SpiffeId id, Role role) implements AdminCaller {}

    /** Holds an operator's certificate, and its name has no role (any more). */
    record WithoutRole(SpiffeId id) implements AdminCaller {}

    /**
     * Known to somebody else, who decides too: {@link DelegatedAccess}.
     *
     * @param who as the log names it; empty when the token was not believed
     * @param denied why not, for the one action that was asked about
     */
    record Delegated(String who, Optional<Refusal> denied) implements AdminCaller {}

    /** Anybody else: a workload, or a caller without a certificate. */
    record Stranger(Optional<SpiffeId> id) implements AdminCaller {}

    /** Why a caller may not do something. */
    record Refusal(String reason, String message) {}

    /** Whom the log names; empty when it is not known. */
    default String who() {
        return switch (this) {
            case LocalAdmin local -> "admin-socket";
            case Operator operator -> operator.id().toString();
            case WithoutRole nobody -> nobody.id().toString();
            case Delegated known -> known.who();
            case Stranger stranger -> stranger.id().map(SpiffeId::toString).orElse("");
        };
    }

    /** Why not; empty when it may. */
    default Optional<Refusal> refusal(AdminAction action) {
        return switch (this) {
            case LocalAdmin local -> Optional.empty();
            case Operator operator ->
                    operator.role().may(action)
                            ? Optional.empty()
                            : Optional.of(notOf(operator.role(), action));
            case WithoutRole nobody ->
                    Optional.of(
                            new Refusal(
                                    "ADMIN_ROLE_NONE",
                                    "operator: "
                                            + nobody.id()
                                            + " (expected: a name that admin.operators gives a"
                                            + " role)"));
            case Delegated known -> known.denied();
            case Stranger stranger ->
                    Optional.of(
                            new Refusal(
                                    "ADMIN_NOT_OPERATOR",
                                    "caller: "
                                            + stranger.id()
                                                    .map(SpiffeId::toString)
                                                    .orElse("no certificate in time")
                                            + " (expected: an operator certificate, or the admin"
                                            + " socket)"));
        };
    }

    private static Refusal notOf(Role role, AdminAction action) {
        String roles =
                Role.thatMay(action).stream().map(Role::text).collect(Collectors.joining(" or "));
        return roles.isEmpty()
                ? new Refusal(
                        "ADMIN_ROLE_LOCAL_ONLY",
                        action + " by role: " + role.text() + " (expected: the admin socket)")
                : new Refusal(
                        "ADMIN_ROLE_INSUFFICIENT",
                        action + " by role: " + role.text() + " (expected: " + roles + ")");
    }
}
