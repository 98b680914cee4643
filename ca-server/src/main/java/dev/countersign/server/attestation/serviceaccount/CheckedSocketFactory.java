package dev.countersign.server.attestation.serviceaccount;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Speaks TLS only over a socket whose far end the rule allows. The address is that of the connected
 * socket, so a name that resolves differently the second time gains nothing; not one byte is sent
 * before the check. One factory serves one fetch, which {@link #abort} ends from any thread.
 */
final class CheckedSocketFactory extends SSLSocketFactory {
    private final SSLSocketFactory tls;
    private final AddressRule rule;
    private @Nullable Socket open;
    private boolean aborted;

    CheckedSocketFactory(SSLSocketFactory tls, AddressRule rule) {
        this.tls = tls;
        this.rule = rule;
    }

    /** Closes what is open, and opens nothing any more. */
    synchronized void abort() {
        aborted = true;
        if (open != null) {
            try {
                open.close();
            } catch (IOException alreadyBroken) {
                // It was to be closed.
            }
        }
    }

    synchronized boolean isAborted() {
        return aborted;
    }

    @Override
    public Socket createSocket(Socket connected, String host, int port, boolean autoClose)
            throws IOException {
        track(connected);
        InetAddress address = connected.getInetAddress();
        if (!rule.allows(address)) {
            throw new SocketException(
                    "address: " + address.getHostAddress() + " (expected: public, or listed)");
        }
        return tls.createSocket(connected, host, port, autoClose);
    }

    /** The URL connection then makes a plain socket and layers TLS over it, by the method above. */
    @Override
    public Socket createSocket() throws IOException {
        throw new SocketException("unconnected", new UnsupportedOperationException());
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw unchecked();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
            throws IOException {
        throw unchecked();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw unchecked();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
            throws IOException {
        throw unchecked();
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return tls.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return tls.getSupportedCipherSuites();
    }

    private synchronized void track(Socket connected) throws SocketException {
        if (aborted) {
            throw new SocketException("out of time");
        }
        open = connected;
    }

    private static SocketException unchecked() {
        return new SocketException("a connection whose address was not checked is not made");
    }
}
