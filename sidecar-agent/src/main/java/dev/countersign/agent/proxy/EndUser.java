package dev.countersign.agent.proxy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.agent.provider.HeaderField;
import dev.countersign.agent.proxy.http.RequestHead;
import dev.countersign.jwt.FoundToken;
import dev.countersign.jwt.RequestParts;
import dev.countersign.jwt.TokenResult;
import dev.countersign.policy.authentication.JwtRule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the application learns of the end user whose token came with a request. */
final class EndUser {
    private static final ObjectMapper JSON = new ObjectMapper();

    private EndUser() {}

    /** The places of a head where a token may be. */
    static RequestParts partsOf(RequestHead head) {
        return new RequestParts() {
            @Override
            public List<String> headers(String lowerCaseName) {
                return head.fieldLines(lowerCaseName);
            }

            @Override
            public String query() {
                String query = head.query();
                return query.isEmpty() ? query : query.substring(1);
            }
        };
    }

    /** Nobody but us says who the user is: headers for it are taken out, token or not. */
    static void strip(RequestHead head, List<JwtRule> rules) {
        for (JwtRule rule : rules) {
            String payload = rule.outputPayloadToHeader();
            if (payload != null) {
                head.drop(payload);
            }
            rule.outputClaimToHeaders().forEach(one -> head.drop(one.header()));
        }
    }

    /** Takes the token out unless its rule forwards it; of a Cookie field, just its pair. */
    static void takeToken(RequestHead head, TokenResult.Valid valid) {
        FoundToken found = valid.found();
        if (valid.rule().forwardOriginalToken()) {
            return;
        }
        switch (found.place()) {
            case HEADER -> head.drop(found.name());
            case PARAMETER -> head.dropParameter(found.name());
            case COOKIE -> head.dropCookie(found.name());
        }
    }

    /** The headers that the rule asks for; a claim that is no scalar is told as JSON in base64url. */
    static List<HeaderField> told(TokenResult.Valid valid) {
        List<HeaderField> fields = new ArrayList<>();
        String payload = valid.rule().outputPayloadToHeader();
        if (payload != null) {
            HeaderField.of(payload, valid.payload()).ifPresent(fields::add);
        }
        for (JwtRule.ClaimHeader wanted : valid.rule().outputClaimToHeaders()) {
            text(claim(valid.claims(), wanted.claim()))
                    .flatMap(text -> HeaderField.of(wanted.header(), text))
                    .ifPresent(fields::add);
        }
        return fields;
    }

    /** Of a request without a good token (RFC 6750 section 3). */
    static String challenge() {
        return "Bearer error=\"invalid_token\"";
    }

    private static @Nullable Object claim(Map<String, ?> claims, String path) {
        Object direct = claims.get(path);
        if (direct != null) {
            return direct;
        }
        Object value = claims;
        for (String name : path.split("\\.", -1)) {
            value = value instanceof Map<?, ?> map ? map.get(name) : null;
        }
        return value;
    }

    private static Optional<String> text(@Nullable Object claim) {
        return switch (claim) {
            case null -> Optional.empty();
            case String text -> Optional.of(text);
            case Number number -> Optional.of(number.toString());
            case Boolean flag -> Optional.of(flag.toString().toLowerCase(Locale.ROOT));
            case Object other -> json(other);
        };
    }

    private static Optional<String> json(Object value) {
        try {
            return Optional.of(
                    Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(
                                    JSON.writeValueAsString(value)
                                            .getBytes(StandardCharsets.UTF_8)));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
