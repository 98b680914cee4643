package dev.countersign.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigReaderTest {
    @TempDir private Path folder;

    private enum Mode {
        ENFORCE,
        ONLY_AUDIT
    }

    @Test
    void readsEachKindOfValue() throws Exception {
        ConfigReader reader =
                reader(
                        """
                        store: {url: "jdbc:sqlite:x", mode: only-audit}
                        life: 1h30m
                        port: 8443
                        on: true
                        listen: "[::1]:8443"
                        data: state/here
                        """);
        assertThat(reader.string("store.url").required()).isEqualTo("jdbc:sqlite:x");
        assertThat(reader.enumeration("store.mode", Mode.class).required())
                .isEqualTo(Mode.ONLY_AUDIT);
        assertThat(reader.duration("life", Duration.ZERO, Duration.ofDays(1)).required())
                .isEqualTo(Duration.ofMinutes(90));
        assertThat(reader.integer("port", 0, 65535).required()).isEqualTo(8443);
        assertThat(reader.bool("on").orDefault(false)).isTrue();
        assertThat(reader.hostPort("listen").required())
                .isEqualTo(InetSocketAddress.createUnresolved("::1", 8443));
        assertThat(reader.path("data").required()).isEqualTo(folder.resolve("state/here"));
        reader.finish();
    }

    @Test
    void reportsEveryProblemAtOnceWithPathValueAndExpectation() throws Exception {
        ConfigReader reader =
                reader(
                        """
                        issuance: {life: 48h}
                        port: many
                        on: yes
                        listen: nowhere
                        stroe: {url: x}
                        """);
        reader.duration("issuance.life", Duration.ofMinutes(5), Duration.ofHours(24))
                .orDefault(Duration.ofHours(1));
        reader.integer("port", 1, 10).orDefault(1L);
        reader.bool("on").orDefault(false);
        reader.hostPort("listen").required();
        reader.string("store.url").required();

        ConfigRefused refused = catchThrowableOfType(ConfigRefused.class, reader::finish);

        assertThat(refused.problems())
                .extracting(ConfigProblem::toString)
                .containsExactlyInAnyOrder(
                        "issuance.life: 2d (expected: 5m..1d)".replace("2d", "48h"),
                        "port: many (expected: a whole number, 1..10)",
                        "on: yes (expected: true or false)",
                        "listen: nowhere (expected: host:port)",
                        "store.url: missing (expected: a value)",
                        "stroe: unknown (expected: a key of this file)");
        assertThat(refused).hasMessageContaining("6 problems");
    }

    @Test
    void suggestsTheKeyThatWasProbablyMeant() throws Exception {
        ConfigReader reader = reader("store: {ulr: x}\n");
        reader.string("store.url").optional();
        assertThatThrownBy(reader::finish)
                .hasMessageContaining("store.ulr: unknown (did you mean store.url?)");
    }

    @Test
    void aKeyWithADotDoesNotPassForAPath() throws Exception {
        ConfigReader reader = reader("store.url: x\n");
        assertThat(reader.string("store.url").optional()).isEmpty();
        assertThatThrownBy(reader::finish).hasMessageContaining("store.url: unknown");
    }

    @Test
    void aValueWhereASectionBelongsIsAProblem() throws Exception {
        ConfigReader reader = reader("store: sqlite\n");
        reader.string("store.url").optional();
        assertThatThrownBy(reader::finish)
                .hasMessageContaining("store: not a mapping (expected: key: value)");
    }

    @Test
    void theEnvironmentWinsOverTheFile() throws Exception {
        ConfigReader reader =
                reader(
                        "store: {url: file}\naudiences: [a]\n",
                        Map.of(
                                "COUNTERSIGN_STORE_URL", "environment",
                                "COUNTERSIGN_ISSUANCE_DEFAULT_LIFE", "2h",
                                "COUNTERSIGN_AUDIENCES", "b, c",
                                "COUNTERSIGN_SERVICE_HOST", "10.0.0.1"));
        assertThat(reader.string("store.url").required()).isEqualTo("environment");
        assertThat(
                        reader.duration("issuance.defaultLife", Duration.ZERO, Duration.ofDays(1))
                                .required())
                .isEqualTo(Duration.ofHours(2));
        assertThat(reader.strings("audiences")).containsExactly("b", "c");
        reader.finish();
    }

    @Test
    void readsListsOfMappingsWithIndexedPaths() throws Exception {
        ConfigReader reader =
                reader(
                        """
                        listeners:
                          - {name: a, labels: {app.kubernetes.io/name: web}}
                          - {name: b, prot: 5}
                        """);
        List<String> names =
                reader.list(
                        "listeners",
                        item -> {
                            item.integer("port", 1, 9).optional();
                            return item.string("name").required() + item.map("labels");
                        });
        assertThat(names).containsExactly("a{app.kubernetes.io/name=web}", "b{}");
        assertThatThrownBy(reader::finish)
                .hasMessageContaining(
                        "listeners[1].prot: unknown (did you mean listeners[1].port?)")
                .hasMessageContaining("1 problem\n");
    }

    @Test
    void nullIsAbsence() throws Exception {
        ConfigReader reader = reader("life: ~\nport: null\nname:\n");
        assertThat(reader.string("life").optional()).isEmpty();
        assertThat(reader.integer("port", 1, 9).orDefault(3L)).isEqualTo(3);
        assertThat(reader.string("name").orDefault("x")).isEqualTo("x");
        reader.finish();
    }

    @Test
    void aPlaceholderIsNeverTheAnswerOfAFinishedReader() throws Exception {
        ConfigReader reader = reader("port: 99\n");
        assertThat(reader.integer("port", 1, 9).required()).isEqualTo(1);
        assertThatThrownBy(reader::finish).isInstanceOf(ConfigRefused.class);
    }

    @Test
    void secretsAreNeverShown() throws Exception {
        ConfigReader reader =
                reader(
                        """
                        store: {url: "jdbc:postgresql://me:hunter2@db/x?password=hunter2", password: hunter2}
                        token: hunter2
                        passwordFile: /run/secret
                        """);
        reader.string("store.url").check(url -> url.startsWith("jdbc:sqlite"), "sqlite").required();
        reader.string("store.password").required();
        reader.integer("token", 1, 2).optional();
        reader.path("passwordFile").required();

        assertThat(reader.render())
                .contains("store.password: (hidden)")
                .contains("passwordFile: /run/secret")
                .doesNotContain("hunter2");
        assertThatThrownBy(reader::finish)
                .hasMessageContaining(
                        "store.url: jdbc:postgresql://(hidden)@db/x?password=(hidden)")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void aDurationIsShownAlthoughItsNameEndsInASecretsWord() throws Exception {
        ConfigReader reader = reader("maxWithoutToken: 90s\n");
        reader.duration("maxWithoutToken", Duration.ZERO, Duration.ofDays(7)).required();
        assertThat(reader.render()).isEqualTo("maxWithoutToken: 90s\n");
    }

    @Test
    void rendersWhatIsInForceDefaultsIncluded() throws Exception {
        ConfigReader reader = reader("life: 90s\n");
        reader.duration("life", Duration.ZERO, Duration.ofDays(1)).required();
        reader.string("name").orDefault("agent");
        assertThat(reader.render()).isEqualTo("life: 90s\nname: agent\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: 1\na: 2\n",
                "a: &x 1\nb: *x\n",
                "a: &x 1\n",
                "a: !!int 1\n",
                "a: !java.lang.Runtime {}\n",
                "a: 1\n---\nb: 2\n",
                "[1, 2]\n",
                "just text\n",
                "? [1]\n: 2\n",
                "a: [1\n",
                "a: {b: {c: {d: {e: {f: {g: {h: {i: {j: {k: {l: {m: {n: {o: {p: {q: {r: 1}}}}}}}}}}}}}}}}}\n",
                "a: \"\u0000\"\n",
            })
    void refusesWhatIsNotStrictYaml(String text) {
        assertThatThrownBy(() -> reader(text)).isInstanceOf(ConfigRefused.class);
    }

    @Test
    void namesTheLineOfWhatIsNotStrictYaml() {
        assertThatThrownBy(() -> reader("a: 1\nb: 2\na: 3\n"))
                .hasMessageContaining("line 3: key a twice (expected: once)");
    }

    @Test
    void anEmptyFileIsAnEmptyConfiguration() throws Exception {
        reader("").finish();
        reader("# nothing\n").finish();
    }

    @Test
    void refusesWhatIsNotUtf8AndWhatIsTooLarge() throws Exception {
        Path latin =
                Files.write(folder.resolve("latin.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe4});
        assertThatThrownBy(() -> ConfigReader.load(latin, Map.of()))
                .hasMessageContaining("not UTF-8");

        Path large =
                Files.writeString(
                        folder.resolve("large.yaml"), "#".repeat(ConfigReader.MAX_BYTES + 1));
        assertThatThrownBy(() -> ConfigReader.load(large, Map.of())).hasMessageContaining("1 MiB");
    }

    @Test
    void aMissingFileIsRefusedByName() {
        assertThatThrownBy(() -> ConfigReader.load(folder.resolve("none.yaml"), Map.of()))
                .isInstanceOf(ConfigRefused.class)
                .hasMessageContaining("none.yaml");
    }

    private ConfigReader reader(String yaml) throws IOException, ConfigRefused {
        return reader(yaml, Map.of());
    }

    private ConfigReader reader(String yaml, Map<String, String> environment)
            throws IOException, ConfigRefused {
        Path file = folder.resolve("config.yaml");
        Files.write(file, yaml.getBytes(StandardCharsets.UTF_8));
        return ConfigReader.load(file, environment);
    }
}
