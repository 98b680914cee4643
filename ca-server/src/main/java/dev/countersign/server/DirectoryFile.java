package dev.countersign.server;

import dev.countersign.runtime.ConfigReader;
import dev.countersign.runtime.ConfigRefused;
import dev.countersign.server.distribution.ExportedService;
import dev.countersign.server.distribution.ServiceDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Destinations in a file of their own, which is read again whenever it has changed: {@code directory:}
 * as {@link DirectoryReader} has it, and nothing else. A file that is refused leaves the last good
 * directory with the agents. Looked at by one thread.
 */
final class DirectoryFile {
    private static final Logger log = LoggerFactory.getLogger(DirectoryFile.class);

    private final Path file;
    private final ServiceDirectory directory;
    private @Nullable Stamp seen;
    private volatile Optional<String> refusal = Optional.empty();

    /** What tells one version of the file from the next. */
    private record Stamp(FileTime modified, long size, @Nullable Object key) {
        static Stamp of(Path file) throws IOException {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(now.lastModifiedTime(), now.size(), now.fileKey());
        }
    }

    DirectoryFile(Path file, ServiceDirectory directory) {
        this.file = file;
        this.directory = directory;
    }

    /**
     * @throws ConfigRefused with value and expectation
     */
    static List<ExportedService> read(Path file) throws ConfigRefused {
        ConfigReader reader = ConfigReader.load(file, Map.of());
        List<ExportedService> services = new DirectoryReader(reader).read();
        reader.finish();
        return services;
    }

    /** Reads it if it has changed since it was last looked at. */
    void look() {
        try {
            Stamp now = Stamp.of(file);
            if (now.equals(seen)) {
                return;
            }
            seen = now;
            List<ExportedService> services = read(file);
            if (!services.equals(directory.services())) {
                log.atInfo().addKeyValue("services", services.size()).log("directory changed");
            }
            directory.publish(services);
            refusal = Optional.empty();
        } catch (IOException unreadable) {
            seen = null;
            refuse(file + ": " + unreadable);
        } catch (ConfigRefused refused) {
            refuse(String.valueOf(refused.getMessage()));
        }
    }

    /** Why what stands in the file is not in force. */
    Optional<String> refusal() {
        return refusal;
    }

    private void refuse(String reason) {
        if (!refusal.equals(Optional.of(reason))) {
            log.atWarn()
                    .addKeyValue("reason", reason)
                    .log("directory refused, last good one stays");
            refusal = Optional.of(reason);
        }
    }
}
