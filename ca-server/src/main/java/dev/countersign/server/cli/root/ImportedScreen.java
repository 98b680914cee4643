package dev.countersign.server.cli.root;

import dev.countersign.server.cli.Output;
import dev.countersign.wire.v1.ImportRootResponse;
import java.io.PrintWriter;
import java.time.Instant;

/** What came in, and what to do next. */
final class ImportedScreen {
    private ImportedScreen() {}

    static void print(Output output, ImportRootResponse done) {
        if (output.json()) {
            output.print(done);
            return;
        }
        PrintWriter out = output.out();
        out.println(first(done.getEffect()) + " since epoch " + done.getBundleEpoch());
        out.println("  root     " + done.getRootSubject());
        out.println("  sha256   " + done.getRootSha256());
        out.println("  signs by " + done.getSigningKeyId());
        out.println("  until    " + Instant.ofEpochSecond(done.getSignsUntil().getSeconds()));
        out.println(next(done.getEffect()));
        out.flush();
    }

    private static String first(String effect) {
        return switch (effect) {
            case "FIRST" -> "the authority has its root";
            case "ISSUER" -> "the next issuer signs";
            default -> "a further root is in every bundle";
        };
    }

    private static String next(String effect) {
        return switch (effect) {
            case "FIRST" -> "next: countersign server run";
            case "ISSUER" -> "next: nothing; what the issuer before signed lives on to its end";
            default -> "next: countersign root rotate lets it sign";
        };
    }
}
