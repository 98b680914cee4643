package dev.countersign.server.operators;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.operators.OperatorRefused.Reason;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Names and their roles, of one trust domain. */
public final class Operators {
    /** A segment of a SPIFFE ID's path (SPIFFE-ID section 2.2) that needs no quotes anywhere. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?");

    private static final int MAX_SHOWN = 63;

    private final TrustDomain trustDomain;
    private final Map<String, Role> roles;

    /**
     * @param roles by name
     */
    public Operators(TrustDomain trustDomain, Map<String, Role> roles) {
        this.trustDomain = trustDomain;
        this.roles = Map.copyOf(roles);
    }

    /** 1 to 63 of a-z, 0-9, dot, dash, underscore; first and last are letters or digits. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** All of them, by name. */
    public Map<String, Role> roles() {
        return roles;
    }

    /** The role of this name; empty when it has none. */
    public Optional<Role> role(String name) {
        return Optional.ofNullable(roles.get(name));
    }

    /**
     * What this name may be certified as.
     *
     * @param asked the role that whoever asks has in mind; empty = whatever it has
     */
    public OperatorGrant grant(String name, Optional<Role> asked) throws OperatorRefused {
        if (!isName(name)) {
            throw new OperatorRefused(
                    Reason.OPERATOR_NAME_MALFORMED,
                    "name: " + shown(name) + " (expected: 1 to 63 of a-z 0-9 . - _)");
        }
        Role role =
                role(name)
                        .orElseThrow(() ->
                                new OperatorRefused(
                                        Reason.OPERATOR_WITHOUT_ROLE,
                                        "name: "
                                                + name
                                                + " (expected: one that admin.operators gives a"
                                                + " role)"));
        if (asked.isPresent() && asked.get() != role) {
            throw new OperatorRefused(
                    Reason.OPERATOR_OTHER_ROLE,
                    "role of "
                            + name
                            + ": "
                            + asked.get().text()
                            + " (expected: "
                            + role.text()
                            + ", by admin.operators)");
        }
        return new OperatorGrant(name, id(name), role);
    }

    public SpiffeId id(String name) {
        return WellKnownIds.operator(trustDomain, name);
    }

    /**
     * Who a caller over the network is to the admin service.
     *
     * @param verified of its certificate; empty when it sent none
     */
    public AdminCaller caller(Optional<SpiffeId> verified) {
        Optional<String> name =
                verified.filter(id -> id.trustDomain().equals(trustDomain))
                        .flatMap(WellKnownIds::operatorName);
        if (name.isEmpty()) {
            return new AdminCaller.Stranger(verified);
        }
        return role(name.get())
                .<AdminCaller>map(role -> new AdminCaller.Operator(id(name.get()), role))
                .orElseGet(() -> new AdminCaller.WithoutRole(id(name.get())));
    }

    private static String shown(String name) {
        return name.length() > MAX_SHOWN ? name.length() + " characters" : name;
    }
}
