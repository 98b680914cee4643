package dev.countersign.deploy.quickstart;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Ports that nobody else listens on: a wished one when it is free, else any. They are chosen below
 * those that the kernel gives to whoever asks for none, so that they stay free until the process that
 * they are for has started.
 */
final class Ports {
    private static final Path KERNELS_OWN = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final int FIRST = 20_000;
    private static final int FEWEST = 1_000;
    private static final int TRIES = 1_000;

    private final Set<Integer> given = new HashSet<>();
    private final RandomGenerator random;
    private final int end = firstOfTheKernel();

    Ports(RandomGenerator random) {
        this.random = random;
    }

    int free(int wished) {
        if (wished != 0 && !given.contains(wished) && isFree(wished)) {
            given.add(wished);
            return wished;
        }
        return free();
    }

    int free() {
        for (int i = 0; i < TRIES; i++) {
            int port = random.nextInt(FIRST, end);
            if (!given.contains(port) && isFree(port)) {
                given.add(port);
                return port;
            }
        }
        throw new IllegalStateException("no free port on loopback from " + FIRST + " to " + end);
    }

    private static int firstOfTheKernel() {
        try {
            int first = Integer.parseInt(Files.readString(KERNELS_OWN).strip().split("\\s+", 2)[0]);
            return Math.max(first, FIRST + FEWEST);
        } catch (IOException | NumberFormatException unknown) {
            return 1 << 15;
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
