package dev.countersign.agent.redirect;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs one of the kernel's tools to its end. */
@FunctionalInterface
interface Command {
    /**
     * @param input for its standard input
     * @return what it printed
     * @throws IOException when it is not there, says no, or does not end
     */
    String run(List<String> arguments, String input) throws IOException;

    /** As a process of this host; never through a shell. */
    static Command processes() {
        return Command::process;
    }

    private static String process(List<String> arguments, String input) throws IOException {
        final int maxOutput = 4 * 1024 * 1024;
        final int seconds = 20;
        Process process = new ProcessBuilder(arguments).redirectErrorStream(true).start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.US_ASCII));
        }
        try (InputStream out = process.getInputStream()) {
            String text = new String(out.readNBytes(maxOutput), StandardCharsets.UTF_8);
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                throw new IOException(arguments.getFirst() + ": no end within " + seconds + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException(
                        String.join(" ", arguments)
                                + ": exit code "
                                + process.exitValue()
                                + ": "
                                + text.strip());
            }
            return text;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(arguments.getFirst() + ": interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
