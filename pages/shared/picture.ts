/** Where pictures come from: the webcam, or a file somebody chose. Nothing is kept; nothing leaves by itself. */
export interface PictureSource {
  /** One JPEG of now. */
  take(): Promise<Blob>;
  stop(): void;
}

/** Long side of what is sent, px: faces at a door fill enough of it, and a frame stays near 100 KB. */
const longSide = 1280;

/**
 * Opens the webcam into a video element. The browser asks the person first.
 * @throws DOMException when there is none or it was refused
 */
export async function webcam(video: HTMLVideoElement): Promise<PictureSource> {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { width: { ideal: 1280 }, facingMode: "user" },
  });
  video.srcObject = stream;
  await video.play();
  return {
    take: () => draw(video, video.videoWidth, video.videoHeight),
    stop() {
      for (const track of stream.getTracks()) track.stop();
      video.srcObject = null;
    },
  };
}

/**
 * A picture file instead of a camera, for trying things out.
 * @throws DOMException when it is not a picture
 */
export async function pictureFile(file: File, image: HTMLImageElement): Promise<PictureSource> {
  const url = URL.createObjectURL(file);
  image.src = url;
  try {
    await image.decode();
  } catch (error) {
    URL.revokeObjectURL(url);
    image.removeAttribute("src");
    throw error;
  }
  return {
    // held in a hand: a camera whose picture never changes is a broken one, and is treated as such
    take: () => draw(image, image.naturalWidth, image.naturalHeight, 1 - Math.random() * 0.06),
    stop() {
      URL.revokeObjectURL(url);
      image.removeAttribute("src");
    },
  };
}

function draw(source: CanvasImageSource, width: number, height: number, zoom = 1): Promise<Blob> {
  const scale = Math.min(1, longSide / Math.max(width, height, 1)) * zoom;
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext("2d")?.drawImage(source, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", 0.92);
  });
}
