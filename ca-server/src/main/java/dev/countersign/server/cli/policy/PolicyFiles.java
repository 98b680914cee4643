package dev.countersign.server.cli.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The files that a person names on the command line. */
final class PolicyFiles {

    private static final Set<String> ENDINGS = Set.of(".yaml", ".yml", ".json");

    private PolicyFiles() {}

    /**
     * Each file as named, and of each directory the YAML and JSON files in it and below, sorted.
     *
     * @throws UnusableFile for what is not there, and for a directory without such a file
     */
    static List<Path> expand(List<Path> named) throws UnusableFile {
        List<Path> files = new ArrayList<>();
        for (Path path : named) {
            if (Files.isDirectory(path)) {
                files.addAll(within(path));
            } else {
                files.add(path);
            }
        }
        return files;
    }

    /**
     * The bytes of a regular file.
     *
     * @param most bytes; a larger one is refused before it is read
     */
    static byte[] read(Path file, long most) throws UnusableFile {
        try {
            if (Files.isDirectory(file)) {
                throw new UnusableFile(file + ": is a directory (expected: a file)");
            }
            long size = Files.size(file);
            if (size > most) {
                throw new UnusableFile(
                        file + ": " + size + " bytes (expected: at most " + most + ")");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new UnusableFile(file + ": no such file");
        } catch (IOException e) {
            throw new UnusableFile(file + ": cannot be read: " + e.getMessage());
        }
    }

    private static List<Path> within(Path directory) throws UnusableFile {
        try (Stream<Path> tree = Files.walk(directory)) {
            List<Path> files =
                    tree.filter(Files::isRegularFile)
                            .filter(PolicyFiles::isPolicy)
                            .sorted()
                            .toList();
            if (files.isEmpty()) {
                throw new UnusableFile(directory + ": holds no .yaml, .yml or .json file");
            }
            return files;
        } catch (IOException e) {
            throw new UnusableFile(directory + ": cannot be read: " + e.getMessage());
        }
    }

    private static boolean isPolicy(Path file) {
        return ENDINGS.stream().anyMatch(ending -> file.toString().endsWith(ending));
    }

    /** A file that cannot be used; the message names it and says why. */
    static final class UnusableFile extends Exception {

        private static final long serialVersionUID = 1;

        UnusableFile(String message) {
            super(message);
        }
    }
}
