package dev.countersign.policy.reference;

import dev.countersign.policy.Request;
import dev.countersign.policy.match.IpAddress;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The compiled values of one field, and the attribute they are compared with. */
sealed interface Matcher {

    /** Compares; never throws on what a peer can send. */
    Outcome test(Request request);

    /** What the request has, for people; null where it has nothing. */
    @Nullable String actual(Request request);

    /** What comparing came to. */
    enum Outcome {
        /** The request does not have the attribute. */
        ABSENT,
        /** One of the values matches. */
        MATCH,
        /** The attribute is there and no value matches. */
        MISS;

        static Outcome of(boolean matched) {
            return matched ? MATCH : MISS;
        }
    }

    /**
     * A text against patterns.
     *
     * @param scope what the text must be to count as present, or null: any
     */
    record Text(Attribute attribute, List<Predicate<String>> any, @Nullable Predicate<String> scope)
            implements Matcher {
        public Text {
            any = List.copyOf(any);
        }

        @Override
        public Outcome test(Request request) {
            String value = attribute.of(request);
            if (value == null || (scope != null && !scope.test(value))) {
                return Outcome.ABSENT;
            }
            // By index: an iterator would be allocated for every request.
            for (int i = 0; i < any.size(); i++) {
                if (any.get(i).test(value)) {
                    return Outcome.MATCH;
                }
            }
            return Outcome.MISS;
        }

        @Override
        public @Nullable String actual(Request request) {
            return attribute.of(request);
        }
    }

    /** A claim, which may hold several texts, against patterns. */
    record Claims(Claim claim, List<Predicate<String>> any) implements Matcher {
        public Claims {
            any = List.copyOf(any);
        }

        @Override
        public Outcome test(Request request) {
            Object value = claim.of(request);
            if (value == null) {
                return Outcome.ABSENT;
            }
            boolean[] matched = new boolean[1];
            claim.forEachText(
                    value, text -> matched[0] |= any.stream().anyMatch(one -> one.test(text)));
            return Outcome.of(matched[0]);
        }

        @Override
        public @Nullable String actual(Request request) {
            Object value = claim.of(request);
            return value == null ? null : value.toString();
        }
    }

    /** Issuer and subject of the token. */
    record TokenPrincipal(List<TokenName> any) implements Matcher {

        private static final Claim ISSUER = new Claim(List.of("iss"), false, false);
        private static final Claim SUBJECT = new Claim(List.of("sub"), false, false);

        public TokenPrincipal {
            any = List.copyOf(any);
        }

        @Override
        public Outcome test(Request request) {
            String issuer = ISSUER.text(request);
            String subject = SUBJECT.text(request);
            if (issuer == null || subject == null) {
                return Outcome.ABSENT;
            }
            return Outcome.of(any.stream().anyMatch(one -> one.matches(issuer, subject)));
        }

        @Override
        public @Nullable String actual(Request request) {
            String issuer = ISSUER.text(request);
            String subject = SUBJECT.text(request);
            return issuer == null && subject == null ? null : issuer + "/" + subject;
        }
    }

    /** An address against blocks. */
    record Address(Which which, List<Block> any) implements Matcher {
        public Address {
            any = List.copyOf(any);
        }

        @Override
        public Outcome test(Request request) {
            IpAddress address = which.of(request);
            if (address == null) {
                return Outcome.ABSENT;
            }
            for (int i = 0; i < any.size(); i++) {
                if (any.get(i).contains(address)) {
                    return Outcome.MATCH;
                }
            }
            return Outcome.MISS;
        }

        @Override
        public @Nullable String actual(Request request) {
            IpAddress address = which.of(request);
            return address == null ? null : address.toString();
        }

        /** Whose address. */
        enum Which {
            SOURCE,
            REMOTE,
            DESTINATION;

            @Nullable IpAddress of(Request request) {
                return switch (this) {
                    case SOURCE -> request.sourceIp();
                    case REMOTE -> request.remoteIp();
                    case DESTINATION -> request.destinationIp();
                };
            }
        }
    }

    /** The workload's port. */
    record Port(List<Integer> any) implements Matcher {
        public Port {
            any = List.copyOf(any);
        }

        @Override
        public Outcome test(Request request) {
            return Outcome.of(contains(request.port()));
        }

        @Override
        public String actual(Request request) {
            return Integer.toString(request.port());
        }

        boolean contains(int port) {
            for (int i = 0; i < any.size(); i++) {
                if (any.get(i) == port) {
                    return true;
                }
            }
            return false;
        }
    }

    /** What a filter noted: a text, or a list where the value is written in brackets. */
    record Metadata(String key, List<Predicate<String>> texts, List<Predicate<String>> items)
            implements Matcher {
        public Metadata {
            texts = List.copyOf(texts);
            items = List.copyOf(items);
        }

        @Override
        public Outcome test(Request request) {
            return switch (request.metadata(key)) {
                case null -> Outcome.ABSENT;
                case String text -> Outcome.of(texts.stream().anyMatch(one -> one.test(text)));
                case List<?> list -> Outcome.of(list.stream().anyMatch(this::isWanted));
                case Object other -> Outcome.MISS;
            };
        }

        @Override
        public @Nullable String actual(Request request) {
            return switch (request.metadata(key)) {
                case null -> null;
                case List<?> list -> {
                    StringJoiner joined = new StringJoiner(", ", "[", "]");
                    list.forEach(item -> joined.add(String.valueOf(item)));
                    yield joined.toString();
                }
                case Object other -> other.toString();
            };
        }

        private boolean isWanted(@Nullable Object item) {
            return item instanceof String text && items.stream().anyMatch(one -> one.test(text));
        }
    }

    /**
     * A CEL condition.
     *
     * @param onFault what it counts as where it has no value
     */
    record Expression(String source, List<String> own, boolean onFault) implements Matcher {

        @Override
        public Outcome test(Request request) {
            return Outcome.of(Expressions.value(source, request, own).orElse(onFault));
        }

        @Override
        public @Nullable String actual(Request request) {
            return null;
        }
    }
}
