package dev.countersign.policy.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The hand-made matchers against the regular expressions by which the behaviour is documented. The
 * alphabets are small, so that near misses are frequent.
 */
class MatchersAgreeWithExpressionsTest {

    private static final int ROUNDS = 60_000;
    private static final String SEGMENT = "[a-zA-Z0-9\\-._~%!$&'()+,;:@=]";

    private final Random random = new Random(42);

    @Test
    void globs() {
        for (int i = 0; i < ROUNDS; i++) {
            String pattern = text(6, "a", "b", "*", ".");
            String value = text(9, "a", "b", ".");
            boolean expected = Pattern.matches(pattern(pattern, ".*"), value);

            assertThat(Glob.of(pattern).matches(value))
                    .as("%s on %s", pattern, value)
                    .isEqualTo(expected);
        }
    }

    @Test
    void namespacesAnywhere() {
        for (int i = 0; i < ROUNDS; i++) {
            String namespace = text(3, "a", "b", "*", "ns");
            String id = text(9, "td", "/", "/", "ns", "sa", "a", "b", "/ns/", "/sa/");
            boolean expected =
                    Pattern.matches(".*/ns/" + pattern(namespace, ".*") + "/.*", "spiffe://" + id);

            // An empty trust domain would let the scheme's own slash count.
            if (!id.startsWith("ns/") && !id.startsWith("/")) {
                assertThat(StringMatchers.namespaceAnywhere(namespace).matches(id))
                        .as("%s on %s", namespace, id)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void serviceAccountsAnywhere() {
        int matched = 0;
        for (int i = 0; i < ROUNDS * 4; i++) {
            String namespace = text(2, "a", "ns", ".");
            String account = text(2, "a", "sa", ".");
            String id =
                    text(
                            9,
                            "a",
                            "/",
                            "ns",
                            "sa",
                            "/ns/" + namespace + "/",
                            "sa/" + account,
                            "/",
                            ".");
            boolean expected =
                    Pattern.matches(
                            ".+/ns/"
                                    + Pattern.quote(namespace)
                                    + "/(.+/|)sa/"
                                    + Pattern.quote(account)
                                    + "(/.+)?",
                            id);
            matched += expected ? 1 : 0;

            assertThat(StringMatchers.accountAnywhere(namespace, account).matches(id))
                    .as("%s/%s on %s", namespace, account, id)
                    .isEqualTo(expected);
        }
        assertThat(matched).isGreaterThan(1000);
    }

    @Test
    void trustDomains() {
        for (int i = 0; i < ROUNDS; i++) {
            String written =
                    text(3, "a", "b", ".") + (random.nextBoolean() ? "*" : "") + text(2, "a");
            String id = text(4, "a", "b", ".") + "/ns/" + text(2, "a", "/");
            boolean star = written.equals("*");
            boolean expected = star || Pattern.matches(pattern(written, "[^/]*") + "/.*", id);

            assertThat(StringMatchers.trustDomain(written).matches(id))
                    .as("%s on %s", written, id)
                    .isEqualTo(expected);
        }
    }

    @Test
    void pathTemplates() {
        int matched = 0;
        for (int i = 0; i < ROUNDS * 4; i++) {
            String template =
                    "/"
                            + text(4, "{*}/", "a/", "{**}/", "b/", "a.b/")
                            + List.of("", "{*}", "{**}", "c").get(random.nextInt(4));
            if (!PathTemplate.isTemplate(template) || PathTemplate.fault(template) != null) {
                continue;
            }
            String path = "/" + text(6, "a", "b", "/", "c", "a.b", "*", "é", "%41");
            String expression =
                    Pattern.quote(template)
                            .replace("{**}", "\\E(?:" + SEGMENT + "|/)*\\Q")
                            .replace("{*}", "\\E" + SEGMENT + "+\\Q");
            boolean expected = Pattern.matches(expression, path);
            matched += expected ? 1 : 0;

            assertThat(PathTemplate.of(template).matches(path))
                    .as("%s on %s", template, path)
                    .isEqualTo(expected);
        }
        assertThat(matched).isGreaterThan(500);
    }

    @Test
    void workloadsOfOwnTrustDomains() {
        List<String> own = List.of("td", "old");
        for (int i = 0; i < ROUNDS; i++) {
            String id = text(8, "td", "old", "/ns/", "/sa/", "a", "b", "/");
            String shape = "(td|old)/ns/([^/]+)/sa/([^/]+)";

            assertThat(StringMatchers.anyAccountIn(own).matches(id))
                    .as(id)
                    .isEqualTo(Pattern.matches(shape, id));
            assertThat(StringMatchers.namespaceIn(own, "a").matches(id))
                    .as(id)
                    .isEqualTo(Pattern.matches("(td|old)/ns/a/sa/([^/]+)", id));
            assertThat(StringMatchers.namespaceIn(own, "a*").matches(id))
                    .as(id)
                    .isEqualTo(Pattern.matches("(td|old)/ns/a[^/]*/sa/([^/]+)", id));
            assertThat(StringMatchers.accountIn(own, "a", "b").matches(id))
                    .as(id)
                    .isEqualTo(Pattern.matches("(td|old)/ns/a/sa/b", id));
        }
    }

    @Test
    void aHostileValueCostsLinearTime() {
        // Quadratic, this would take 10^10 steps and run into the timeout of every test.
        String hostile = "a".repeat(300_000);
        Glob glob = Glob.of("*" + "a".repeat(100_000) + "b*");

        assertThat(glob.matches(hostile)).isFalse();
        assertThat(glob.matches(hostile + "b")).isTrue();
    }

    private String text(int most, String... pieces) {
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(most + 1); n > 0; n--) {
            text.append(pieces[random.nextInt(pieces.length)]);
        }
        return text.toString();
    }

    private static String pattern(String written, String star) {
        return "\\Q" + written.replace("*", "\\E" + star + "\\Q") + "\\E";
    }
}
