package dev.countersign.deploy.quickstart;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/** Ports that nobody else listens on: a wished one when it is free, else any. */
final class Ports {
    private final Set<Integer> given = new HashSet<>();

    int free(int wished) {
        if (wished != 0 && !given.contains(wished) && isFree(wished)) {
            given.add(wished);
            return wished;
        }
        return free();
    }

    int free() {
        while (true) {
            try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                if (given.add(probe.getLocalPort())) {
                    return probe.getLocalPort();
                }
            } catch (IOException none) {
                throw new IllegalStateException("no free port on loopback", none);
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
