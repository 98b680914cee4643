package dev.countersign.jwt;

import dev.countersign.jwt.FoundToken.Place;
import dev.countersign.policy.authentication.JwtRule;
import dev.countersign.policy.authentication.JwtRule.TokenHeader;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Looks for tokens wherever one of the rules says they may be. Immutable, made once for each set of
 * rules.
 */
public final class TokenFinder {
    static final TokenHeader USUAL_HEADER = new TokenHeader("authorization", "Bearer ");
    static final String USUAL_PARAMETER = "access_token";

    private final Set<TokenHeader> headers = new LinkedHashSet<>();
    private final Set<String> parameters = new LinkedHashSet<>();
    private final Set<String> cookies = new LinkedHashSet<>();

    public TokenFinder(List<JwtRule> rules) {
        for (JwtRule rule : rules) {
            headers.addAll(headersOf(rule));
            parameters.addAll(parametersOf(rule));
            cookies.addAll(rule.fromCookies());
        }
    }

    /** Every token that is there; one that stands in several places comes several times. */
    public List<FoundToken> find(RequestParts request) {
        List<FoundToken> found = new ArrayList<>();
        for (TokenHeader header : headers) {
            for (String value : request.headers(header.name())) {
                if (hasPrefix(value, header.prefix())) {
                    String token = value.substring(header.prefix().length()).strip();
                    found.add(new FoundToken(Place.HEADER, header.name(), token));
                }
            }
        }
        if (!parameters.isEmpty() && !request.query().isEmpty()) {
            pairs(request.query(), '&', Place.PARAMETER, parameters, found);
        }
        if (!cookies.isEmpty()) {
            for (String value : request.headers("cookie")) {
                pairs(value, ';', Place.COOKIE, cookies, found);
            }
        }
        return List.copyOf(found);
    }

    /** Whether this rule takes tokens from there. */
    static boolean takes(JwtRule rule, FoundToken found) {
        return switch (found.place()) {
            case HEADER -> headersOf(rule).stream().anyMatch(h -> h.name().equals(found.name()));
            case PARAMETER -> parametersOf(rule).contains(found.name());
            case COOKIE -> rule.fromCookies().contains(found.name());
        };
    }

    private static List<TokenHeader> headersOf(JwtRule rule) {
        return rule.looksInUsualPlaces()
                ? List.of(USUAL_HEADER)
                : rule.fromHeaders().stream()
                        .map(h -> new TokenHeader(h.name().toLowerCase(Locale.ROOT), h.prefix()))
                        .toList();
    }

    private static List<String> parametersOf(JwtRule rule) {
        return rule.looksInUsualPlaces() ? List.of(USUAL_PARAMETER) : rule.fromParams();
    }

    /** A scheme's case does not count (RFC 9110, section 11.1): the application reads it so too. */
    private static boolean hasPrefix(String value, String prefix) {
        return value.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    /** Tokens have no character that would be escaped: what is escaped is none. */
    private static void pairs(
            String text, char separator, Place place, Set<String> names, List<FoundToken> found) {
        int from = 0;
        while (from <= text.length()) {
            int next = text.indexOf(separator, from);
            int end = next < 0 ? text.length() : next;
            int equals = text.indexOf('=', from);
            if (equals >= 0 && equals < end) {
                String name = text.substring(from, equals).strip();
                if (names.contains(name)) {
                    found.add(new FoundToken(place, name, text.substring(equals + 1, end).strip()));
                }
            }
            from = end + 1;
        }
    }
}
