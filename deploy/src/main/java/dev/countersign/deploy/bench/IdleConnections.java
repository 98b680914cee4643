package dev.countersign.deploy.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Connections that do nothing, for weighing what carries them: {@code serve PORT}, {@code hold PORT N}. */
public final class IdleConnections {
    private static final int BACKLOG = 4096;

    private IdleConnections() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int port = Integer.parseInt(arguments[1]);
        if (arguments[0].equals("serve")) {
            serve(port);
        } else {
            hold(port, Integer.parseInt(arguments[2]));
        }
    }

    private static void serve(int port) throws IOException {
        try (ServerSocket listener =
                new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress())) {
            while (true) {
                Socket connection = listener.accept();
                Thread.ofVirtual().start(() -> echo(connection));
            }
        }
    }

    private static void echo(Socket connection) {
        try (connection) {
            connection.getInputStream().transferTo(connection.getOutputStream());
        } catch (IOException closed) {
            // The other side has gone; that is how an echo ends.
        }
    }

    /** A byte there and back on each, so that every handshake is done, then quiet. */
    private static void hold(int port, int count) throws IOException, InterruptedException {
        List<Socket> held = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Socket connection = new Socket(InetAddress.getLoopbackAddress(), port);
            connection.setSoTimeout(10_000);
            connection.getOutputStream().write('!');
            if (connection.getInputStream().read() != '!') {
                throw new IOException("connection " + i + " does not echo");
            }
            held.add(connection);
        }
        System.out.println("held: " + held.size() + " connections, each with an echo seen");
        System.out.flush();
        new CountDownLatch(1).await();
    }
}
