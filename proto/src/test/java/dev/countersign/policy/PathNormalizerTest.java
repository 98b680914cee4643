package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathNormalizerTest {

    private static final PathNormalizer.Mode DECODE = PathNormalizer.Mode.DECODE_AND_MERGE_SLASHES;

    static Stream<JsonNode> table() throws IOException {
        try (InputStream in =
                PathNormalizerTest.class.getResourceAsStream("/cases/path-normalization.json")) {
            JsonNode cases = new ObjectMapper().readTree(Objects.requireNonNull(in));
            return StreamSupport.stream(cases.spliterator(), false);
        }
    }

    @ParameterizedTest
    @MethodSource("table")
    void normalisesAsTheTableSays(JsonNode row) {
        PathNormalizer.Mode mode = PathNormalizer.Mode.valueOf(row.get("mode").asText());
        String input = row.get("in").asText();

        NormalizedPath result = PathNormalizer.normalize(mode, input);

        if (row.get("out").isNull()) {
            assertThat(result).isEqualTo(NormalizedPath.Refused.NUL);
        } else {
            assertThat(result).isInstanceOf(NormalizedPath.Ok.class);
            assertThat(((NormalizedPath.Ok) result).path()).isEqualTo(row.get("out").asText());
        }
    }

    @Test
    void keepsTheQueryForTheTargetAndCutsTheFragment() {
        assertThat(PathNormalizer.normalize(DECODE, "/a/../b?x=/../%2f#frag"))
                .isEqualTo(new NormalizedPath.Ok(DECODE, "/b", "/b?x=/../%2f"));
        assertThat(PathNormalizer.normalize(DECODE, "/a#?b"))
                .isEqualTo(new NormalizedPath.Ok(DECODE, "/a", "/a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%2%65%2%65/admin", "/%%32f", "/%2%66", "/%25/%%32%35", "/%%30%30"})
    void refusesAPathWhoseDecodingWouldSpellANewEscape(String path) {
        assertThat(PathNormalizer.normalize(DECODE, path))
                .isEqualTo(NormalizedPath.Refused.AMBIGUOUS_ESCAPE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a%", "/a%2", "/%zz/x", "/%u2216admin", "/100%/b", "/%%%"})
    void leavesAPercentSignThatStartsNoEscape(String path) {
        assertThat(PathNormalizer.normalize(DECODE, path))
                .isEqualTo(new NormalizedPath.Ok(DECODE, path, path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "admin", "../admin", "%2fadmin", "?x", "\\admin"})
    void refusesATargetThatIsNotAbsolute(String target) {
        assertThat(PathNormalizer.normalize(DECODE, target))
                .isEqualTo(NormalizedPath.Refused.NOT_ABSOLUTE);
    }

    @Test
    void keepsTheAsteriskForm() {
        assertThat(PathNormalizer.normalize(DECODE, "*"))
                .isEqualTo(new NormalizedPath.Ok(DECODE, "*", "*"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/..", "/../..", "/a/..", "/.", "/a/../..", "/./"})
    void neverClimbsAboveTheRoot(String path) {
        assertThat(PathNormalizer.normalize(PathNormalizer.Mode.BASE, path))
                .isEqualTo(new NormalizedPath.Ok(PathNormalizer.Mode.BASE, "/", "/"));
    }

    @ParameterizedTest
    @EnumSource(PathNormalizer.Mode.class)
    void normalisingTwiceChangesNothing(PathNormalizer.Mode mode) {
        Random random = new Random(7);
        for (int i = 0; i < 50_000; i++) {
            String path = "/" + randomPath(random);
            if (PathNormalizer.normalize(mode, path) instanceof NormalizedPath.Ok once) {
                assertThat(PathNormalizer.isNormal(mode, once.path())).as(path).isTrue();
                assertThat(PathNormalizer.normalize(mode, once.path()))
                        .as(path)
                        .isEqualTo(new NormalizedPath.Ok(mode, once.path(), once.path()));
            }
        }
    }

    private static String randomPath(Random random) {
        String[] pieces = {
            "/", "/", ".", "..", "\\", "%2f", "%2F", "%5c", "%2e", "%", "2", "e", "%32", "%65", "a",
            "%25", "%00x", ";p", "%41", "%c0", "é"
        };
        StringBuilder path = new StringBuilder();
        for (int n = random.nextInt(10); n >= 0; n--) {
            path.append(pieces[random.nextInt(pieces.length)]);
        }
        return path.toString();
    }
}
