package dev.countersign.agent.proxy.connection;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;

/**
 * Epoll that survives half-closed sockets. Netty 4.2.13 to 4.2.20 take a socket without interests out
 * of the epoll set (after its input ended, there are none) and then fail to modify it with ENOENT when
 * it has to be written again: a client that half-closes would lose every larger answer. Here such a
 * socket keeps a registration for errors alone; when one is reported, both directions are dead and it
 * is closed.
 */
final class HalfCloseEpoll implements IoHandler {
    private final IoHandler epoll;

    private HalfCloseEpoll(IoHandler epoll) {
        this.epoll = epoll;
    }

    static IoHandlerFactory newFactory() {
        IoHandlerFactory factory = EpollIoHandler.newFactory();
        return executor -> new HalfCloseEpoll(factory.newHandler(executor));
    }

    @Override
    public void initialize() {
        epoll.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
        return epoll.run(context);
    }

    @Override
    public void prepareToDestroy() {
        epoll.prepareToDestroy();
    }

    @Override
    public void destroy() {
        epoll.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        Handle quietable = new Handle((EpollIoHandle) handle);
        return new Registration(epoll.register(quietable), quietable);
    }

    @Override
    public void wakeup() {
        epoll.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return epoll.isCompatible(handleType);
    }

    private static final class Handle implements EpollIoHandle {
        private final EpollIoHandle handle;

        /** Whether it ever had an interest, so that it is in the epoll set. */
        private boolean interested;

        private boolean quiet;

        Handle(EpollIoHandle handle) {
            this.handle = handle;
        }

        @Override
        public FileDescriptor fd() {
            return handle.fd();
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            if (quiet) {
                close();
            } else {
                handle.handle(registration, event);
            }
        }

        @Override
        public void registered() {
            handle.registered();
        }

        @Override
        public void unregistered() {
            handle.unregistered();
        }

        @Override
        public void close() {
            try {
                handle.close();
            } catch (Exception e) {
                throw new IllegalStateException("epoll handle cannot be closed", e);
            }
        }
    }

    private record Registration(IoRegistration registration, Handle handle)
            implements IoRegistration {
        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // as declared by IoRegistration
        public <T> T attachment() {
            return registration.attachment();
        }

        @Override
        public long submit(IoOps ops) {
            boolean none = ops.equals(EpollIoOps.NONE);
            handle.quiet = none && handle.interested;
            handle.interested |= !none;
            return registration.submit(handle.quiet ? EpollIoOps.EPOLLERR : ops);
        }

        @Override
        public boolean isValid() {
            return registration.isValid();
        }

        @Override
        public boolean cancel() {
            return registration.cancel();
        }
    }
}
