package dev.countersign.server.operators;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What an operator is there for. */
public enum Role {
    /** Sees how things are. */
    VIEWER,
    /** Works on policies: sees the traffic that they decide about. */
    POLICY_ADMIN,
    /** Works on trust: revokes, rotates roots, reads the log and has it verified. */
    SECURITY_ADMIN;

    /** What each may do: the whole table. What is not listed is refused. */
    private static final Map<Role, Set<AdminAction>> TABLE =
            Map.of(
                    VIEWER,
                    Set.of(AdminAction.READ_STATE, AdminAction.READ_CERTIFICATES),
                    POLICY_ADMIN,
                    Set.of(
                            AdminAction.READ_STATE,
                            AdminAction.READ_CERTIFICATES,
                            AdminAction.READ_TRAFFIC),
                    SECURITY_ADMIN,
                    Set.of(
                            AdminAction.READ_STATE,
                            AdminAction.READ_CERTIFICATES,
                            AdminAction.READ_TRAFFIC,
                            AdminAction.READ_LOG,
                            AdminAction.VERIFY_LOG,
                            AdminAction.REVOKE,
                            AdminAction.APPROVE_STEP,
                            AdminAction.ROTATE_ROOTS));

    public boolean may(AdminAction action) {
        return TABLE.getOrDefault(this, Set.of()).contains(action);
    }

    /** As people write it: {@code policy-admin}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The role of this {@link #text}; empty when there is none. */
    public static Optional<Role> parse(String text) {
        return Arrays.stream(values()).filter(role -> role.text().equals(text)).findFirst();
    }

    /** Those that may. */
    static List<Role> thatMay(AdminAction action) {
        return Arrays.stream(values()).filter(role -> role.may(action)).toList();
    }
}
