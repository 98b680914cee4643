package dev.countersign.testing;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * This test's class path with every folder in it packed into a jar: an archive of loaded classes
 * ({@code -XX:SharedArchiveFile}) is silently left unused by a process with a folder on its class path.
 */
public final class JarClassPath {
    private JarClassPath() {}

    /** Packs into this folder; takes about a second, so once for many processes. */
    public static String in(Path folder) {
        ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
        List<String> packed = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path classes = Path.of(entry);
            if (entry.isEmpty() || !Files.isDirectory(classes)) {
                packed.add(entry);
                continue;
            }
            Path made = folder.resolve("classes-" + packed.size() + ".jar");
            int failed =
                    jar.run(
                            System.out,
                            System.err,
                            "--create",
                            "--no-compress",
                            "--file",
                            made.toString(),
                            "-C",
                            entry,
                            ".");
            if (failed != 0) {
                throw new AssertionError("not packed: " + entry);
            }
            packed.add(made.toString());
        }
        return String.join(File.pathSeparator, packed);
    }
}
