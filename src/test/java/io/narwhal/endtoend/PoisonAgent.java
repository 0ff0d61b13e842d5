package io.narwhal.endtoend;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * Gives the decoder of a real process a defect that the program does not have: an agent of the JVM,
 * which every process of a node takes from {@code JAVA_TOOL_OPTIONS}. A datagram that has one of
 * three addresses in it ends its process, each in another way, until a file says that the decoder
 * is mended.
 */
public final class PoisonAgent {
    /** 203.0.113.66: the decoder throws. */
    static final int THROWS = 0xcb007142;

    /** 203.0.113.67: the process ends at once, as by a defect of the runtime. */
    static final int ENDS = 0xcb007143;

    /** 203.0.113.68: the decoder never comes back. */
    static final int HANGS = 0xcb007144;

    private static final String DECODER = "io/narwhal/wire/FlowDecoder";
    private static Path mended = Path.of("mended");

    private PoisonAgent() {}

    /** What the JVM calls; the argument names the file that says that the decoder is mended. */
    public static void premain(String argument, Instrumentation instrumentation) {
        mended = Path.of(argument);
        instrumentation.addTransformer(
                new ClassFileTransformer() {
                    @Override
                    public byte[] transform(
                            ClassLoader loader,
                            String name,
                            Class<?> redefined,
                            ProtectionDomain domain,
                            byte[] bytes) {
                        return name.equals(DECODER) ? poisoned(bytes) : bytes;
                    }
                });
    }

    // Each method decode(byte[], int, int, …) first asks taste(byte[], int, int).
    private static byte[] poisoned(byte[] bytes) {
        ClassFile files = ClassFile.of();
        return files.transformClass(
                files.parse(bytes),
                ClassTransform.transformingMethodBodies(
                        method ->
                                method.methodName().equalsString("decode")
                                        && method.methodTypeSymbol().parameterCount() == 6,
                        CodeTransform.ofStateful(Tasting::new)));
    }

    private static final class Tasting implements CodeTransform {
        private boolean done;

        @Override
        public void accept(CodeBuilder code, CodeElement element) {
            if (!done) {
                done = true;
                code.aload(1).iload(2).iload(3);
                code.invokestatic(
                        ClassDesc.of(PoisonAgent.class.getName()),
                        "taste",
                        MethodTypeDesc.of(
                                ConstantDescs.CD_void,
                                ConstantDescs.CD_byte.arrayType(),
                                ConstantDescs.CD_int,
                                ConstantDescs.CD_int));
            }
            code.with(element);
        }
    }

    /** What the decoder calls before it decodes. */
    public static void taste(byte[] bytes, int offset, int length) throws InterruptedException {
        ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
        for (int at = offset; at <= offset + length - 4; at++) {
            int address = in.getInt(at);
            if (address >= THROWS && address <= HANGS && !Files.exists(mended)) {
                switch (address) {
                    case THROWS -> throw new IllegalStateException("a defect of the decoder");
                    case ENDS -> Runtime.getRuntime().halt(139);
                    default -> Thread.sleep(Long.MAX_VALUE);
                }
            }
        }
    }

    /** Makes the agent's jar there; what a JVM is to be told of it. */
    static String make(Path directory) throws IOException {
        Path jar = directory.resolve("poison.jar");
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(new Attributes.Name("Premain-Class"), PoisonAgent.class.getName());
        try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (Class<?> one : new Class<?>[] {PoisonAgent.class, Tasting.class}) {
                add(out, one.getName().replace('.', '/') + ".class");
            }
            add(out, PoisonAgent.class.getName().replace('.', '/') + "$1.class");
        }
        return "-javaagent:" + jar + "=" + directory.resolve("mended");
    }

    private static void add(JarOutputStream out, String name) throws IOException {
        out.putNextEntry(new JarEntry(name));
        try (InputStream in = PoisonAgent.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new IOException("no class " + name);
            }
            in.transferTo(out);
        }
        out.closeEntry();
    }
}
