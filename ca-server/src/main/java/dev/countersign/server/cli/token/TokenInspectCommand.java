package dev.countersign.server.cli.token;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.BearerToken;
import dev.countersign.server.attestation.serviceaccount.TokenInspection;
import dev.countersign.server.cli.Output;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code countersign token inspect}. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = {
            "Prints what a token says, never the token. Its signature is not checked.",
            "Exit code 1 when any server would refuse it: malformed, expired, bound to no pod, …"
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class TokenInspectCommand implements Callable<Integer> {
    /** More than any server takes, so that the parser says so. */
    private static final int MAX_BYTES = 32 * 1024;

    // Other than ASCII is escaped: a claim must not steer the terminal.
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    @Parameters(paramLabel = "FILE", description = "The token's file; - for standard input.")
    Path file;

    @Mixin Output output = new Output();
    @ParentCommand TokenCommand parent;

    @Override
    public Integer call() throws IOException {
        TokenInspection token;
        try {
            token = TokenInspection.of(new BearerToken(read()), parent.clock().instant());
        } catch (AttestationRefused refused) {
            output.err().println(line(refused));
            return 1;
        }
        PrintWriter out = output.out();
        if (output.json()) {
            out.println(JSON.writeValueAsString(facts(token)));
        } else {
            print(token, out);
        }
        out.flush();
        return token.refusal().isPresent() ? 1 : 0;
    }

    private String read() throws IOException {
        try (InputStream in =
                file.toString().equals("-") ? System.in : Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8).strip();
        }
    }

    private static void print(TokenInspection token, PrintWriter out)
            throws JsonProcessingException {
        out.println(
                token.refusal()
                        .map(TokenInspectCommand::line)
                        .orElse("well-formed and in time; the signature was not checked"));
        out.println("  signed       " + token.algorithm() + " by key " + quoted(token.keyId()));
        out.println("  fingerprint  " + token.fingerprint());
        for (String name : new String[] {"iat", "nbf", "exp"}) {
            if (token.claims().get(name) instanceof Long seconds && Math.abs(seconds) < 1L << 40) {
                out.println("  " + name + "          " + Instant.ofEpochSecond(seconds));
            }
        }
        out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(token.claims()));
    }

    private static Map<String, @Nullable Object> facts(TokenInspection token) {
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        facts.put("algorithm", token.algorithm());
        facts.put("key_id", token.keyId());
        facts.put("fingerprint", token.fingerprint());
        facts.put("refusal", token.refusal().map(refused -> refused.reason().name()).orElse(""));
        facts.put("message", token.refusal().map(AttestationRefused::getMessage).orElse(""));
        facts.put("claims", token.claims());
        return facts;
    }

    private static String quoted(String text) throws JsonProcessingException {
        return JSON.writeValueAsString(text);
    }

    private static String line(AttestationRefused refused) {
        return "refused: " + refused.reason() + "  " + refused.getMessage();
    }
}
