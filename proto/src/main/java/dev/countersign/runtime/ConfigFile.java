package dev.countersign.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The file that a configuration stands in. */
final class ConfigFile {
    private ConfigFile() {}

    /**
     * What it holds.
     *
     * @throws ConfigRefused when it cannot be read or is not strict YAML in UTF-8
     */
    static Map<String, Object> read(Path file) throws ConfigRefused {
        try {
            return YamlTree.parse(text(file));
        } catch (IOException unreadable) {
            throw new ConfigRefused(
                    file.toString(),
                    List.of(new ConfigProblem("file", brief(unreadable), "readable strict YAML")));
        }
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(ConfigReader.MAX_BYTES + 1);
            if (bytes.length > ConfigReader.MAX_BYTES) {
                throw new IOException("over 1 MiB");
            }
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException notUtf8) {
            throw new IOException("not UTF-8", notUtf8);
        }
    }

    private static String brief(IOException fault) {
        if (fault instanceof NoSuchFileException) {
            return "no such file";
        }
        String text = fault.toString().lines().findFirst().orElse("unreadable");
        return text.substring(text.lastIndexOf("Exception: ") < 0 ? 0 : text.indexOf(": ") + 2);
    }
}
