// Saves the run folder as a zip file where the browser saves files.

import type { Trainer } from './trainer.ts';

export async function saveRun(trainer: Trainer): Promise<void> {
  const bytes = await trainer.exportRun();
  const url = URL.createObjectURL(new Blob([bytes as BlobPart], { type: 'application/zip' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${trainer.project.dataset.name.replace(/[^\w.-]+/g, '-')}-run.zip`;
  link.click();
  URL.revokeObjectURL(url);
}
