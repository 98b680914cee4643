package dev.countersign.wire;

import dev.countersign.feed.KeySet;
import dev.countersign.policy.TargetReference;
import dev.countersign.policy.authentication.JwtRule;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.RequestAuthentication;
import dev.countersign.wire.v1.ClaimHeader;
import dev.countersign.wire.v1.TokenHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * PeerAuthentications, RequestAuthentications and the keys of issuers, to messages and back. As for
 * policies, a field that this version does not know is refused.
 */
public final class AuthenticationCodec {
    private static final int MAX_PORTS = 512;
    private static final int MAX_RULES = 64;
    private static final int MAX_PORT = 65535;
    private static final int MAX_TIMEOUT_MILLIS = 60_000;

    private AuthenticationCodec() {}

    /** Equal values give equal bytes. */
    public static dev.countersign.wire.v1.PeerAuthentication encode(PeerAuthentication one) {
        var message =
                dev.countersign.wire.v1.PeerAuthentication.newBuilder()
                        .setGroup(PolicyEnums.encode(one.group()))
                        .setNamespace(one.namespace())
                        .setName(one.name())
                        .putAllSelector(new TreeMap<>(one.selector()))
                        .setMode(PolicyEnums.encode(one.mode()));
        new TreeMap<>(one.portModes())
                .forEach((port, mode) -> message.putPortModes(port, PolicyEnums.encode(mode)));
        return message.build();
    }

    /**
     * @throws MalformedMessage for an enum that is unspecified or unknown, an unknown field, a
     *     missing name, or a port out of range
     */
    public static PeerAuthentication decode(dev.countersign.wire.v1.PeerAuthentication message)
            throws MalformedMessage {
        PolicyCodec.refuseUnknown("peer authentication", message);
        if (message.getPortModesCount() > MAX_PORTS) {
            throw new MalformedMessage(
                    "port_modes: "
                            + message.getPortModesCount()
                            + " (expected: <= "
                            + MAX_PORTS
                            + ")");
        }
        Map<Integer, MtlsMode> ports = new HashMap<>();
        for (var entry : message.getPortModesMap().entrySet()) {
            int port = entry.getKey();
            if (port < 1 || port > MAX_PORT) {
                throw new MalformedMessage(
                        "port_modes: "
                                + Integer.toUnsignedString(port)
                                + " (expected: 1 to 65535)");
            }
            ports.put(port, PolicyEnums.decode(entry.getValue()));
        }
        return new PeerAuthentication(
                PolicyEnums.decode(message.getGroup()),
                PolicyCodec.required("namespace", message.getNamespace()),
                PolicyCodec.required("name", message.getName()),
                message.getSelectorMap(),
                PolicyEnums.decode(message.getMode()),
                ports);
    }

    /** Equal values give equal bytes. */
    public static dev.countersign.wire.v1.RequestAuthentication encode(RequestAuthentication one) {
        var message =
                dev.countersign.wire.v1.RequestAuthentication.newBuilder()
                        .setGroup(PolicyEnums.encode(one.group()))
                        .setNamespace(one.namespace())
                        .setName(one.name())
                        .putAllSelector(new TreeMap<>(one.selector()));
        one.targetRefs().forEach(target -> message.addTargetRefs(PolicyCodec.encode(target)));
        one.rules().forEach(rule -> message.addRules(encode(rule)));
        return message.build();
    }

    /**
     * @throws MalformedMessage for an enum that is unspecified or unknown, an unknown field, a
     *     missing name or issuer, both or neither of {@code jwks} and {@code jwks_uri}
     */
    public static RequestAuthentication decode(
            dev.countersign.wire.v1.RequestAuthentication message) throws MalformedMessage {
        PolicyCodec.refuseUnknown("request authentication", message);
        if (message.getRulesCount() > MAX_RULES) {
            throw new MalformedMessage(
                    "rules: " + message.getRulesCount() + " (expected: <= " + MAX_RULES + ")");
        }
        List<TargetReference> targets = new ArrayList<>();
        for (var target : message.getTargetRefsList()) {
            targets.add(PolicyCodec.decode(target));
        }
        List<JwtRule> rules = new ArrayList<>();
        for (var rule : message.getRulesList()) {
            rules.add(decode(rule));
        }
        return new RequestAuthentication(
                PolicyEnums.decode(message.getGroup()),
                PolicyCodec.required("namespace", message.getNamespace()),
                PolicyCodec.required("name", message.getName()),
                message.getSelectorMap(),
                targets,
                rules);
    }

    static dev.countersign.wire.v1.KeySet encode(KeySet keys) {
        var message =
                dev.countersign.wire.v1.KeySet.newBuilder()
                        .setAddress(keys.address())
                        .setJwks(keys.jwks())
                        .setProblem(keys.problem());
        keys.fetched().ifPresent(fetched -> message.setFetched(Timestamps.encode(fetched)));
        return message.build();
    }

    static KeySet decode(dev.countersign.wire.v1.KeySet message) {
        return new KeySet(
                message.getAddress(),
                message.getJwks(),
                message.hasFetched()
                        ? Optional.of(Timestamps.decode(message.getFetched()))
                        : Optional.empty(),
                message.getProblem());
    }

    private static dev.countersign.wire.v1.JwtRule encode(JwtRule rule) {
        var message =
                dev.countersign.wire.v1.JwtRule.newBuilder()
                        .setIssuer(rule.issuer())
                        .addAllAudiences(rule.audiences())
                        .setJwks(textOf(rule.jwks()))
                        .setJwksUri(textOf(rule.jwksUri()))
                        .addAllFromParams(rule.fromParams())
                        .addAllFromCookies(rule.fromCookies())
                        .setOutputPayloadToHeader(textOf(rule.outputPayloadToHeader()))
                        .setForwardOriginalToken(rule.forwardOriginalToken())
                        .addAllSpaceDelimitedClaims(rule.spaceDelimitedClaims());
        rule.fromHeaders()
                .forEach(one ->
                        message.addFromHeaders(
                                TokenHeader.newBuilder()
                                        .setName(one.name())
                                        .setPrefix(one.prefix())));
        rule.outputClaimToHeaders()
                .forEach(one ->
                        message.addOutputClaimToHeaders(
                                ClaimHeader.newBuilder()
                                        .setHeader(one.header())
                                        .setClaim(one.claim())));
        Duration timeout = rule.timeout();
        if (timeout != null) {
            message.setTimeoutMillis((int) timeout.toMillis());
        }
        return message.build();
    }

    private static JwtRule decode(dev.countersign.wire.v1.JwtRule message) throws MalformedMessage {
        PolicyCodec.refuseUnknown("jwt rule", message);
        if (message.getJwks().isEmpty() == message.getJwksUri().isEmpty()) {
            throw new MalformedMessage("jwt rule: jwks and jwks_uri (expected: one of them)");
        }
        int timeout = message.getTimeoutMillis();
        if (timeout < 0 || timeout > MAX_TIMEOUT_MILLIS) {
            throw new MalformedMessage(
                    "timeout_millis: "
                            + Integer.toUnsignedString(timeout)
                            + " (expected: <= "
                            + MAX_TIMEOUT_MILLIS
                            + ")");
        }
        List<JwtRule.TokenHeader> headers = new ArrayList<>();
        for (TokenHeader one : message.getFromHeadersList()) {
            PolicyCodec.refuseUnknown("from_headers", one);
            headers.add(new JwtRule.TokenHeader(one.getName(), one.getPrefix()));
        }
        List<JwtRule.ClaimHeader> claims = new ArrayList<>();
        for (ClaimHeader one : message.getOutputClaimToHeadersList()) {
            PolicyCodec.refuseUnknown("output_claim_to_headers", one);
            claims.add(new JwtRule.ClaimHeader(one.getHeader(), one.getClaim()));
        }
        return new JwtRule(
                PolicyCodec.required("issuer", message.getIssuer()),
                message.getAudiencesList(),
                orNull(message.getJwks()),
                orNull(message.getJwksUri()),
                headers,
                message.getFromParamsList(),
                message.getFromCookiesList(),
                orNull(message.getOutputPayloadToHeader()),
                claims,
                message.getForwardOriginalToken(),
                timeout == 0 ? null : Duration.ofMillis(timeout),
                message.getSpaceDelimitedClaimsList());
    }

    private static String textOf(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
