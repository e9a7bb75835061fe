/** Images decoded and drawn anew, so that nothing but pixels reaches the page. */
import { MalformedError } from '../protocol/errors.ts';

const LIMIT_FILE_BYTES = 64 * 1024 * 1024;
const LIMIT_SIDE = 4_096;
const TYPE = 'image/webp';
const QUALITY = 0.9;

/** Throws MalformedError "image-form" for what the browser cannot decode, "image-size" for what is too large. */
export async function redraw(file: Blob): Promise<Blob> {
  if (file.size > LIMIT_FILE_BYTES) throw new MalformedError('image-size');
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new MalformedError('image-form');
  });
  try {
    const scale = Math.min(1, LIMIT_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = new OffscreenCanvas(
      Math.max(1, Math.round(bitmap.width * scale)),
      Math.max(1, Math.round(bitmap.height * scale)),
    );
    const context = canvas.getContext('2d');
    if (context === null) throw new MalformedError('image-form');
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: TYPE, quality: QUALITY });
  } finally {
    bitmap.close();
  }
}
