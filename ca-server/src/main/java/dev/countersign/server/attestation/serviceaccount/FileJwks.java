package dev.countersign.server.attestation.serviceaccount;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/** A JWK set in a file: read again when its time, size or inode changes. */
public final class FileJwks implements JwksLoader {
    private final Path file;

    public FileJwks(Path file) {
        this.file = file;
    }

    @Override
    public String origin() {
        return "file " + file;
    }

    @Override
    public Optional<Document> load(String known) throws JwksUnavailable {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw new JwksUnavailable(origin() + ": not a regular file");
            }
            String version =
                    attributes.lastModifiedTime().toInstant()
                            + ":"
                            + attributes.size()
                            + ":"
                            + attributes.fileKey();
            return version.equals(known)
                    ? Optional.empty()
                    : Optional.of(new Document(read(), version));
        } catch (IOException e) {
            throw new JwksUnavailable(
                    origin() + ": cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    private byte[] read() throws IOException, JwksUnavailable {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new JwksUnavailable(
                        origin() + ": too large (expected: <= " + MAX_BYTES + " bytes)");
            }
            return bytes;
        }
    }
}
