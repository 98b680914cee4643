package dev.countersign.server.rpc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The user this process runs as. */
final class OwnUser {
    private static final int UID = read();

    private OwnUser() {}

    static int uid() {
        return UID;
    }

    private static int read() {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException | UnsupportedOperationException unknown) {
            return -1; // nobody but root is let in then
        }
    }
}
