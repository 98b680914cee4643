package dev.countersign.policy.match;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** Whatever the template and the path: a fault that is named, or an answer, always the same. */
class PathTemplateFuzzTest {

    @FuzzTest(maxDuration = "20s")
    void hasAFaultOrAnswers(FuzzedDataProvider data) {
        String template = data.consumeString(200);
        String path = data.consumeRemainingAsString();

        if (PathTemplate.fault(template) != null) {
            return;
        }
        StringMatcher matcher = StringMatchers.path(template);

        assertThat(matcher.matches(path)).isEqualTo(matcher.matches(path));
        if (!PathTemplate.isTemplate(template) && template.indexOf('*') < 0) {
            assertThat(matcher.matches(path)).isEqualTo(template.equals(path));
        }
    }
}
