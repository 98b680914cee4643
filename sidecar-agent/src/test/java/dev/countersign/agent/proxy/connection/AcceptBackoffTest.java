package dev.countersign.agent.proxy.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A process whose descriptors run out, because more connections come than it has any for. */
final class AcceptBackoffTest {
    /** A virtual machine has a descriptor for each jar it reads. */
    private static final int DESCRIPTORS = 600;

    @Test
    void healthAnswersWithoutDescriptorsAndAcceptingGoesOnWhenThereAreSome() throws Exception {
        Process program = start();
        List<Socket> flood = new ArrayList<>();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(program.getInputStream(), StandardCharsets.UTF_8))) {
            String[] ports = ports(out).split(" ", -1);
            int listener = Integer.parseInt(ports[1]);
            int ops = Integer.parseInt(ports[2]);
            assertThat(live(ops)).isTrue();

            int quiet = descriptors(program) + 3;

            for (int i = 0; i < DESCRIPTORS; i++) {
                flood.add(new Socket(InetAddress.getLoopbackAddress(), listener));
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> waits(out));
            for (int i = 0; i < 5; i++) {
                assertThat(live(ops)).as("health, try " + i).isTrue();
            }
            assertThat(cpuTicks(program)).as("no busy loop: less than 0.5 s in 1 s").isLessThan(50);

            for (Socket each : flood) {
                each.close();
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> descriptors(program) <= quiet);
            try (Socket again = new Socket(InetAddress.getLoopbackAddress(), listener)) {
                again.setSoTimeout(30_000);
                assertThat(again.getInputStream().read()).isEqualTo('!');
            }
            assertThat(live(ops)).isTrue();
        } finally {
            program.destroyForcibly().waitFor();
        }
    }

    private static Process start() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        "sh",
                        "-c",
                        "ulimit -n "
                                + DESCRIPTORS
                                + " && exec \"$0\" --enable-native-access=ALL-UNNAMED"
                                + " --sun-misc-unsafe-memory-access=allow -XX:+UseSerialGC -Xmx64m"
                                + " -cp \"$1\" "
                                + DescriptorProgram.class.getName(),
                        java,
                        System.getProperty("java.class.path"))
                .redirectErrorStream(true)
                .start();
    }

    private static String ports(BufferedReader out) throws IOException {
        String line = out.readLine();
        while (line != null && !line.startsWith("ports ")) {
            line = out.readLine();
        }
        return String.valueOf(line);
    }

    private static boolean waits(BufferedReader out) throws IOException {
        while (out.ready()) {
            if (out.readLine().contains("cannot accept")) {
                return true;
            }
        }
        return false;
    }

    private static boolean live(int port) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection)
                        URI.create("http://127.0.0.1:" + port + "/healthz/live")
                                .toURL()
                                .openConnection();
        connection.setReadTimeout(20_000);
        connection.setRequestProperty("Connection", "close");
        return connection.getResponseCode() == 200;
    }

    private static int descriptors(Process program) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + program.pid() + "/fd"))) {
            return (int) open.count();
        }
    }

    private static long cpuTicks(Process program) throws IOException, InterruptedException {
        long before = ticks(program);
        java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
        return ticks(program) - before;
    }

    private static long ticks(Process program) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + program.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
