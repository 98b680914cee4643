package dev.countersign.policy.analysis;

import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import dev.countersign.policy.analysis.region.Box;
import dev.countersign.policy.analysis.region.Dimension;
import dev.countersign.policy.analysis.region.Fact;
import dev.countersign.policy.analysis.region.Ranges;
import dev.countersign.policy.analysis.region.Region;
import dev.countersign.policy.analysis.region.Texts;
import dev.countersign.policy.analysis.region.Truth;
import dev.countersign.policy.analysis.region.ValueSet;
import dev.countersign.policy.match.RequestPrincipal;
import dev.countersign.policy.match.StringMatchers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether one request belongs to a set of requests: facts are looked up in the request here. */
record RequestPoint(Request request, ProviderAnswers answers, Set<String> splitClaims) {

    boolean isIn(Region region) {
        return region.boxes().stream().anyMatch(this::isIn);
    }

    private boolean isIn(Box box) {
        return box.sets().entrySet().stream().allMatch(one -> isIn(one.getKey(), one.getValue()));
    }

    private boolean isIn(Dimension dimension, ValueSet values) {
        return switch (dimension) {
            case Dimension.Plain plain -> isIn(plain, values);
            case Dimension.Header header ->
                    ((Texts) values).contains(request.header(header.name()));
            case Dimension.Opaque opaque -> ((Truth) values).contains(holds(opaque.fact()));
        };
    }

    private boolean isIn(Dimension.Plain plain, ValueSet values) {
        return switch (plain) {
            case PORT -> ((Ranges) values).contains(request.port());
            case IDENTITY -> ((Texts) values).contains(request.sourcePrincipal());
            case SOURCE_IP -> ((Ranges) values).contains(request.sourceIp());
            case REMOTE_IP -> ((Ranges) values).contains(request.remoteIp());
            case DESTINATION_IP -> ((Ranges) values).contains(request.destinationIp());
            case SNI -> ((Texts) values).contains(request.sni());
            case METHOD -> ((Texts) values).contains(request.method());
            case HOST -> ((Texts) values).contains(request.host());
            case PATH -> ((Texts) values).contains(request.path());
        };
    }

    private boolean holds(Fact fact) {
        return switch (fact) {
            case Fact.ClaimPresent claim -> claim(claim.claim()) != null;
            case Fact.ClaimText claim ->
                    texts(claim.claim()).stream()
                            .anyMatch(StringMatchers.text(claim.value())::matches);
            case Fact.ClaimScalar claim ->
                    scalars(claim.claim()).stream()
                            .anyMatch(StringMatchers.text(claim.value())::matches);
            case Fact.TokenPresent token ->
                    claim(List.of("iss")) instanceof String
                            && claim(List.of("sub")) instanceof String;
            case Fact.TokenPrincipal principal ->
                    claim(List.of("iss")) instanceof String issuer
                            && claim(List.of("sub")) instanceof String subject
                            && RequestPrincipal.of(principal.value()).matches(issuer, subject);
            case Fact.NotePresent note -> request.metadata(note.key()) != null;
            case Fact.NoteText note -> noteMatches(request.metadata(note.key()), note.value());
            case Fact.ProviderAllows provider ->
                    answers.of(provider.provider()) == ProviderAnswers.Answer.ALLOW;
            case Fact.Expression expression -> throw new IllegalStateException(expression.text());
            case Fact.ExpressionFails expression ->
                    throw new IllegalStateException(expression.text());
        };
    }

    private static boolean noteMatches(@Nullable Object note, String value) {
        boolean list = value.length() > 1 && value.startsWith("[") && value.endsWith("]");
        if (note instanceof List<?> items) {
            return list
                    && items.stream()
                            .anyMatch(item ->
                                    StringMatchers.text(value.substring(1, value.length() - 1))
                                            .matches((String) item));
        }
        return !list && note instanceof String text && StringMatchers.text(value).matches(text);
    }

    private @Nullable Object claim(List<String> path) {
        Object at = request.jwtClaims();
        for (String name : path) {
            at = at instanceof Map<?, ?> object ? object.get(name) : null;
        }
        return at;
    }

    private List<String> texts(List<String> path) {
        Object value = claim(path);
        if (value instanceof String text) {
            boolean split = path.size() == 1 && splitClaims.contains(path.getFirst());
            return split
                    ? List.of(text.split(" ")).stream().filter(one -> !one.isEmpty()).toList()
                    : List.of(text);
        }
        List<String> texts = new ArrayList<>();
        if (value instanceof List<?> list) {
            list.forEach(item -> {
                if (item instanceof String text) {
                    texts.add(text);
                }
            });
        }
        return texts;
    }

    private List<String> scalars(List<String> path) {
        Object value = claim(path);
        List<?> items =
                value instanceof List<?> list ? list : value == null ? List.of() : List.of(value);
        return items.stream()
                .filter(item -> item instanceof Boolean || item instanceof Number)
                .map(Object::toString)
                .toList();
    }
}
