package dev.countersign.server.cli.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.attestation.BearerToken;
import dev.countersign.server.attestation.Evidence;
import dev.countersign.server.attestation.WorkloadClaims;
import dev.countersign.server.attestation.localissuer.LocalIssuer;
import dev.countersign.server.attestation.serviceaccount.FileJwks;
import dev.countersign.server.attestation.serviceaccount.JwksSettings;
import dev.countersign.server.attestation.serviceaccount.JwksSource;
import dev.countersign.server.attestation.serviceaccount.ServiceAccountTokenAttestor;
import dev.countersign.server.attestation.serviceaccount.TokenSettings;
import dev.countersign.testing.MutableClock;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class TokenCommandTest {
    private final MutableClock clock = MutableClock.create();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir Path directory;

    @Test
    void aMintedTokenIsBelievedThroughTheJwksBesideTheKey() throws Exception {
        int code = run("mint", "--issuer-key", key(), "--node", "node-1", "--life", "15m");

        String token = out.toString().strip();
        JwksSource keys =
                new JwksSource(
                        new FileJwks(directory.resolve("issuer.jwks.json")),
                        JwksSettings.forFile(),
                        clock,
                        Runnable::run);
        WorkloadClaims claims =
                new ServiceAccountTokenAttestor(
                                TokenSettings.of(LocalIssuer.DEFAULT_ISSUER), keys, clock)
                        .attest(
                                new Evidence(
                                        new BearerToken(token),
                                        Optional.empty(),
                                        InetAddress.getLoopbackAddress()));
        assertThat(code).isZero();
        assertThat(claims.account()).isEqualTo(new ServiceAccountName("shop", "web"));
        assertThat(claims.podName()).isEqualTo("web-0");
        assertThat(claims.nodeName()).contains("node-1");
        assertThat(claims.until()).isEqualTo(clock.instant().plus(Duration.ofMinutes(15)));
        assertThat(err.toString())
                .contains("made issuer key " + key())
                .contains(directory.resolve("issuer.jwks.json").toString())
                .doesNotContain(token);
    }

    @Test
    void aTokenWrittenToAFileIsNotPrinted() throws IOException {
        Path file = directory.resolve("token");

        int code = run("mint", "--issuer-key", key(), "--out", file.toString());

        assertThat(code).isZero();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(out.toString())
                .contains("minted " + file + ": shop/web pod web-0, audience countersign")
                .contains("good for 1h")
                .doesNotContain(Files.readString(file));
    }

    @Test
    void theKeyIsMadeOnceInTheDefaultPlace() throws IOException {
        run("mint");
        String first = Files.readString(defaultKey());
        err.getBuffer().setLength(0);

        assertThat(run("mint")).isZero();

        assertThat(defaultKey()).hasContent(first);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void jwksPrintsThePublicKeysOfAnExistingIssuerOnly() {
        assertThat(run("jwks")).isEqualTo(1);
        assertThat(err.toString()).contains("no issuer key at " + defaultKey());
        assertThat(defaultKey()).doesNotExist();
        run("mint");
        out.getBuffer().setLength(0);

        assertThat(run("jwks")).isZero();
        assertThat(out.toString()).startsWith("{\"keys\":[").doesNotContain("\"d\"");
        Path target = directory.resolve("public.json");
        assertThat(run("jwks", "--out", target.toString())).isZero();
        assertThat(target).content().startsWith("{\"keys\":[");
    }

    @Test
    void inspectShowsTheClaimsAndNeverTheToken() throws IOException {
        Path file = directory.resolve("token");
        run("mint", "--out", file.toString());
        out.getBuffer().setLength(0);

        assertThat(run("inspect", file.toString())).isZero();

        assertThat(out.toString())
                .startsWith("well-formed and in time; the signature was not checked")
                .contains("\"sub\" : \"system:serviceaccount:shop:web\"")
                .contains("exp          " + clock.instant().plus(Duration.ofHours(1)));
        for (String part : Files.readString(file).split("\\.", -1)) {
            assertThat(out.toString()).doesNotContain(part);
        }
    }

    @Test
    void inspectSaysWhyATokenWouldBeRefused() throws IOException {
        Path file = directory.resolve("token");
        run("mint", "--out", file.toString());
        clock.advance(Duration.ofHours(2));
        out.getBuffer().setLength(0);

        assertThat(run("inspect", file.toString())).isEqualTo(1);
        assertThat(out.toString()).startsWith("refused: TOKEN_EXPIRED  exp: ");
        out.getBuffer().setLength(0);
        assertThat(run("inspect", "--output", "json", file.toString())).isEqualTo(1);
        assertThat(out.toString()).contains("\"refusal\":\"TOKEN_EXPIRED\"");
        Files.writeString(file, "not a token");
        assertThat(run("inspect", file.toString())).isEqualTo(1);
        assertThat(err.toString())
                .contains("refused: TOKEN_MALFORMED  token: not three parts")
                .doesNotContain("not a token");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--namespace=Shop",
                "--service-account=a:b",
                "--pod=../x",
                "--life=soon",
                "--life=1s",
                "--node=N",
                "--nonsense=1"
            })
    void wrongUseIsExitCode2(String option) {
        assertThat(run("mint", option)).isEqualTo(2);
        assertThat(err.toString()).isNotEmpty();
        assertThat(defaultKey()).doesNotExist();
    }

    @Test
    void everyCommandHasHelp() {
        for (String command : List.of("mint", "jwks", "inspect")) {
            assertThat(run(command, "--help")).isZero();
            assertThat(out.toString()).contains("Usage: token " + command);
        }
    }

    private int run(String command, String... options) {
        List<String> arguments = new ArrayList<>(List.of(command));
        if (command.equals("mint")) {
            addUnlessGiven(arguments, options, "--namespace", "shop");
            addUnlessGiven(arguments, options, "--service-account", "web");
            addUnlessGiven(arguments, options, "--pod", "web-0");
        }
        arguments.addAll(List.of(options));
        TokenCommand token =
                new TokenCommand(clock, Map.of("XDG_STATE_HOME", directory.toString()));
        return new CommandLine(token)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(new String[0]));
    }

    private static void addUnlessGiven(
            List<String> arguments, String[] options, String name, String value) {
        if (List.of(options).stream().noneMatch(option -> option.startsWith(name + "="))) {
            arguments.add(name + "=" + value);
        }
    }

    private String key() {
        return directory.resolve("issuer.jwk").toString();
    }

    private Path defaultKey() {
        return directory.resolve("countersign/local-issuer/issuer.jwk");
    }
}
